"""What the card of a tool says beside its texts: who vouches for it, what it may, and whether workers are ready for it.

It is found for all cards of a page at once, with three queries.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gptstore.catalog.models import Tool
from gptstore.jobs.release_states import online
from gptstore.jobs.workers import WorkerInfo
from gptstore.releases.descriptions import level_of, name_kind
from gptstore.releases.models import Plugin, Release, Trust
from gptstore.releases.rights import Kind, is_secret
from gptstore.sdk.intake.built_in import BUILT_IN


@dataclass(frozen=True)
class CardFacts:
    """The facts of one tool. trust: None where the operator installed its plugin, and the store judges nothing.

    rights: in words. risk: from 0 to 10; None without a release. ready: how many of the workers that take releases are
    ready for this one; both are 0 where it is no release.
    """

    trust: Trust | None = None
    rights: tuple[str, ...] = ()
    risk: int | None = None
    ready: int = 0
    workers: int = 0

    @property
    def notes(self) -> list[str]:
        """Return what a person should know before they open the tool; nothing where all is as usual."""
        unverified = [_("Unverified publisher")] if self.trust == Trust.UNVERIFIED else []
        high = [_("Risk %(risk)s of 10") % {"risk": self.risk}] if self.is_risky else []
        return [*unverified, *self.rights, *high, *([self.readiness] if self.readiness else [])]

    @property
    def is_risky(self) -> bool:
        return self.risk is not None and level_of(self.risk) == "high"

    @property
    def readiness(self) -> str:
        """Return how many workers are ready; "" when all are, or when nobody can tell."""
        if self.ready == self.workers:
            return ""
        text = ngettext("Ready on %(ready)s of %(all)s worker", "Ready on %(ready)s of %(all)s workers", self.workers)
        return text % {"ready": self.ready, "all": self.workers}


def facts_of(tools: Collection[Tool]) -> dict[int, CardFacts]:
    """Return the facts of these tools by their ids."""
    plugins = {tool.plugin for tool in tools} - BUILT_IN.keys()
    trusted = dict(Plugin.objects.filter(name__in=plugins).values_list("name", "trust")) if plugins else {}
    keys = {tool.release for tool in tools if tool.release}
    releases = Release.objects.filter(key__in=keys).values_list("key", "rights", "risk") if keys else ()
    by_key = {key: (rights, risk) for key, rights, risk in releases}
    workers = [worker for worker in online() if worker.releases is not None] if keys else []
    return {tool.pk: facts_of_one(tool, trusted, by_key, workers) for tool in tools}


def facts_of_one(
    tool: Tool,
    trusted: Mapping[str, str],
    releases: Mapping[str, tuple[list[dict[str, str]], int]],
    workers: Collection[WorkerInfo],
) -> CardFacts:
    if tool.plugin in BUILT_IN:
        trust: Trust | None = Trust.BUILT_IN
    else:
        trust = Trust(trusted[tool.plugin]) if tool.plugin in trusted else None
    if tool.release not in releases:
        return CardFacts(trust, in_words(kinds_of_installed(tool)))
    rights, risk = releases[tool.release]
    its = {Kind(right["kind"]) for right in rights if right["tool"] in ("", tool.slug)}
    ready = sum((worker.releases or {}).get(tool.release) == "" for worker in workers)
    return CardFacts(trust, in_words(its), risk, ready, len(workers))


def kinds_of_installed(tool: Tool) -> set[Kind]:
    """Return the rights that the manifest of an installed tool tells: there is no bundle whose other ones are known."""
    secrets = any(map(is_secret, ((tool.settings_schema or {}).get("properties") or {}).values()))
    return {kind for kind, has in ((Kind.NETWORK, tool.network), (Kind.SECRETS, secrets)) if has}


def in_words(kinds: Iterable[Kind]) -> tuple[str, ...]:
    """Return the rights of these kinds in words, those that weigh most first."""
    asked = set(kinds)
    return tuple(name_kind(kind) for kind in Kind if kind in asked)
