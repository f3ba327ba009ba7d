"""The sidebar of the admin: its pages in groups, each for those who may see it."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Entry:
    """A page. model: whose permission to view decides; its name, such as `releases.release`.

    page: the name of its address; "" for the list of the model.
    """

    title: str | Promise
    icon: str
    model: str
    page: str = ""

    def item(self, request: HttpRequest) -> dict[str, Any]:
        app, name = self.model.split(".")
        link = reverse(self.page or f"admin:{app}_{name}_changelist")
        return {
            "title": self.title,
            "icon": self.icon,
            "link": link,
            "active": request.path.startswith(link),
            "permission": lambda request: may_see(request, self.model),
        }


GROUPS: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        _("Catalogue"),
        (
            Entry(_("Tools"), "build", "catalog.tool"),
            Entry(_("Categories"), "category", "catalog.category"),
            Entry(_("Settings of tools"), "tune", "catalog.toolsettings"),
            Entry(_("Broken plugins"), "extension_off", "catalog.brokenplugin"),
        ),
    ),
    (
        _("Plugins & releases"),
        (
            Entry(_("Review queue"), "rate_review", "releases.release"),
            Entry(_("Plugins"), "extension", "releases.plugin"),
        ),
    ),
    (
        _("Fleet"),
        (
            Entry(_("Fleet"), "monitoring", "jobs.worker", "admin:fleet"),
            Entry(_("Workers"), "dns", "jobs.worker"),
            Entry(_("Jobs"), "play_circle", "jobs.job"),
        ),
    ),
    (
        _("People"),
        (
            Entry(_("Users"), "person", "accounts.user"),
            Entry(_("Groups"), "group", "auth.group"),
            Entry(_("API keys"), "key", "accounts.apikey"),
            Entry(_("Mail addresses"), "mail", "account.emailaddress"),
        ),
    ),
    (_("Audit"), (Entry(_("Audit log"), "history", "audit.auditevent"),)),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"title": title, "separator": True, "items": [entry.item(request) for entry in entries]}
        for title, entries in GROUPS
    ]


def may_see(request: HttpRequest, model: str) -> bool:
    """Return whether this person may view or change rows of the model."""
    return admin.site.get_model_admin(apps.get_model(model)).has_view_or_change_permission(request)
