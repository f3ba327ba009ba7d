"""Tells the author of a release and the store's admins what the store decided by itself, where it can send mail.

Pages show the same: `Deployment.outcome` and `Release.quarantine_reason`.
"""

from collections.abc import Sequence
from functools import partial
from smtplib import SMTPException
from threading import Thread

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from gptstore.accounts.models import User
from gptstore.outage import say_away
from gptstore.releases.models import Deployment, Release

MAX_MAILS = 50
DEPLOYS = "releases.deploy_release"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def tell_outcome(deployment: Deployment, reason: str) -> None:
    """Tell how a rollout came out."""
    if deployment.release:
        tell(deployment.release, f"Rollout of {deployment.release}", reason)


def tell_quarantine(release: Release, reason: str) -> None:
    tell(release, f"{release} is in quarantine", f"{reason} Nothing of it runs until an admin ends the quarantine.")


def tell(release: Release, subject: str, text: str) -> None:
    """Send a mail to each of them once this transaction is committed, without a wait for the mail server."""
    if not settings.HAS_MAIL:
        return
    about = f"{text}\n\nPlugin: {release.plugin}\nVersion: {release.version}\n"
    mails = [EmailMessage(f"[gptstore] {subject}", about, to=[address]) for address in addresses(release)]
    transaction.on_commit(partial(send_soon, mails))


def addresses(release: Release) -> list[str]:
    """Return the verified addresses of the author, of who submitted the release, and of the admins who deploy."""
    authors = User.objects.filter(pk__in=[release.plugin.owner_id, release.submitted_by_id])
    admins = User.objects.with_perm(DEPLOYS, backend=BACKEND).filter(is_staff=True)
    people = [pk for found in (authors, admins) for pk in found.filter(is_active=True).values_list("pk", flat=True)]
    verified = EmailAddress.objects.filter(user__in=people, verified=True, primary=True).order_by("pk")
    return [*dict.fromkeys(verified.values_list("email", flat=True)[:MAX_MAILS])]


def send_soon(mails: Sequence[EmailMessage]) -> None:
    """Send in a thread: a heartbeat renews leases, and can't wait for a mail server."""
    if mails:
        Thread(target=send, args=(mails,), name="mail").start()


def send(mails: Sequence[EmailMessage]) -> None:
    try:
        get_connection().send_messages(mails)
    except (OSError, SMTPException) as error:
        say_away("mail_server", error)
