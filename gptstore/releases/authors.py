"""What the author of a plugin may see and do: each their own plugins, and staff all."""

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import UNDECIDED, Plugin, Release, ReleaseStatus
from gptstore.releases.review import lock
from gptstore.releases.storage import delete_bundle


def may_submit(user: User) -> bool:
    """Return whether this person may submit releases to this store."""
    return user.is_staff or settings.ENV.submissions == "everyone"


def plugins_of(user: User) -> QuerySet[Plugin]:
    """Return the plugins that this person may see the releases of."""
    return Plugin.objects.all() if user.is_staff else Plugin.objects.filter(owner=user)


def releases_of(user: User) -> QuerySet[Release]:
    return Release.objects.filter(plugin__in=plugins_of(user)).select_related("plugin")


def can_be_withdrawn(release: Release) -> bool:
    """Return whether nobody has decided about it: it waits, or the store itself has rejected what cannot run."""
    rejected_itself = release.status == ReleaseStatus.REJECTED and not release.decisions.all()
    return release.status in UNDECIDED or rejected_itself


@transaction.atomic
def withdraw(release: Release, by: User) -> None:
    """Delete a release that nobody has decided about, and its bundle. Its version is free again. Raises ReleaseError.

    A plugin without any other release goes with it, so that its name is free, too.
    """
    if not Release.objects.filter(pk=release.pk).exists():
        raise ReleaseError(_("It was withdrawn before."))
    release = lock(release, *UNDECIDED, ReleaseStatus.REJECTED)
    if not can_be_withdrawn(release):
        raise ReleaseError(_("Somebody has decided about it."))
    plugin, file = release.plugin, release.file
    record(by, "release.withdraw", str(release), sha256=release.sha256)
    release.delete()
    if not plugin.releases.exists() and not plugin.deployments.exists():
        plugin.delete()
    transaction.on_commit(lambda: delete_bundle(file))
