"""Every address of the site, found by walking Django's resolver, and filled in with what belongs to one owner."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLResolver, get_resolver

from gptstore.accounts.api_key import ApiKey
from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.audit.record import record
from gptstore.catalog.models import BrokenPlugin, Tool, ToolSettings
from gptstore.catalog.tags import keep_tags
from gptstore.jobs.models import Job, Status, Worker
from gptstore.jobs.workers import WorkerInfo, beat
from gptstore.releases.models import Plugin, Release
from harness.rows import make_job, make_tool

PRIVATE = "zanzibar-saffron"
"""Stands in what nobody but its owner may ever see: the input and the output of a run."""
PERSONAL = "heliotrope"
"""Stands in what an admin may see besides: the name of an API key, a mail address, the message of an error."""


def routes() -> list[str]:
    """Return every route as its patterns write it, such as `runs/<uuid:job_id>/`."""
    return sorted(set(walk(get_resolver())))


def walk(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, route)
        else:
            yield route


@dataclass
class Belongings:
    """What the owner has, and the rows that the admin's pages are about."""

    owner: User
    job: Job
    key: ApiKey
    secret: str
    group: Group
    worker: Worker
    address: EmailAddress
    broken: BrokenPlugin
    settings: ToolSettings
    release: Release
    event: AuditEvent

    @property
    def tool(self) -> Tool:
        return self.job.tool

    def path(self, route: str) -> str:
        """Return the path of a route that leads to what the owner has."""
        values = {**FILLED, **self.ids()}
        found = values.get(route) or re.sub(r"<[^>]+>", lambda part: str(values[part[0]]), self.of_model(route))
        return "/" + found

    def ids(self) -> dict[str, object]:
        job = ContentType.objects.get_for_model(Job)
        return {
            "<slug:slug>": self.tool.slug,
            "<version>": self.tool.version,
            "<path:name>": self.worker.model,
            "<uuid:job_id>": self.job.id,
            "<uuidstr:job_id>": self.job.id,
            "<int:pk>": self.key.pk,
            "<slug:name>": self.release.plugin.name,
            "<int:release_id>": self.release.pk,
            "<int:number>": self.worker.pk,
            "<slug:verb>": "audience",
            "<id>": self.owner.pk,
            "<path:content_type_id>": job.pk,
            "<path:row>": f"{job.pk}/{self.job.pk}",
        }

    def of_model(self, route: str) -> str:
        """Fill in the id of the admin's page about one row."""
        row = next((row for model, row in self.rows().items() if route.startswith(f"admin/{model}/")), self.job)
        return route.replace("<path:object_id>", str(row.pk))

    def rows(
        self,
    ) -> dict[str, Model]:
        return {
            "accounts/user": self.owner,
            "catalog/brokenplugin": self.broken,
            "accounts/apikey": self.key,
            "account/emailaddress": self.address,
            "auth/group": self.group,
            "catalog/category": self.tool.category,
            "catalog/tool": self.tool,
            "catalog/toolsettings": self.settings,
            "jobs/worker": self.worker,
            "releases/release": self.release,
            "releases/plugin": self.release.plugin,
            "audit/auditevent": self.event,
        }


FILLED = {
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": "accounts/confirm-email/MQ:x:y/",
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "accounts/password/reset/key/1-x/",
    r"admin/^(?P<app_label>accounts|auth|account|audit|catalog|jobs|releases)/$": "admin/jobs/",
    r"admin/(?P<url>.*)$": "admin/nothing",
    "categories/<slug:slug>/": "categories/writing/",
    "tags/<path:tag>/": "tags/loud/",
    "publishers/<path:name>/": "publishers/acme/",
    "docs/images/<path:name>": "docs/images/run.png",
    "docs/<path:name>/": "docs/api/",
    "api/": "api/nothing",
    "v1/": "v1/nothing",
}


def make_belongings(owner: User) -> Belongings:
    """Make rows for every address that is about one row, with the marks in what is the owner's."""
    examples = [{"title": "Hello", "input": {"text": "hello"}}]
    shown = {"author": "acme", "tags": ["loud"], "examples": examples, "settings_schema": {"properties": {}}}
    tool = make_tool("shout", output="markdown", **shown)
    keep_tags([tool])
    texts = {"input": {"text": PRIVATE}, "output": f"# {PRIVATE}", "error_message": PERSONAL}
    job = make_job(owner, tool, Status.SUCCEEDED, **texts)
    key, secret = create_key(owner, PERSONAL)
    beat(WorkerInfo("worker-1", "gptstore-mini", True, 5_000_000, 1024, "cpu", ["shout"]))
    address = EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    broken = BrokenPlugin.objects.create(name="acme-broken", reason="RuntimeError: no such luck")
    helpers = Group.objects.create(name="helpers")
    settings = ToolSettings.objects.create(tool=tool, plugin=tool.plugin)
    release, event = make_release(owner), record(owner, "release.submit", "acme-tool 1.2.0")
    worker = Worker.objects.get()
    return Belongings(owner, job, key, secret, helpers, worker, address, broken, settings, release, event)


def make_release(owner: User) -> Release:
    """Make a release that was submitted, as a row alone: its bundle is not there."""
    sbom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"name": "acme-tool"}}}
    return Release.objects.create(
        plugin=Plugin.objects.create(name="acme-tool", owner=owner),
        version="1.2.0",
        key="acme-tool-1.2.0@0123456789abcdef",
        sha256="0" * 64,
        size=1,
        manifest={"name": "acme-tool", "version": "1.2.0", "tools": []},
        lock="",
        sbom=json.dumps({**sbom, "components": []}),
        submitted_by=owner,
    )
