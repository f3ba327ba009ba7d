"""What this store refuses of a bundle that somebody submits. All of it is hostile until it was checked."""

from collections.abc import Iterator
from itertools import islice

from packaging.version import InvalidVersion, Version

from gptstore.accounts.models import User
from gptstore.catalog import intake as catalog_intake
from gptstore.catalog.models import Tool
from gptstore.releases.models import Plugin, Release, ReleaseStatus
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.format import HEADER, MANIFEST
from gptstore.sdk.intake import bundles
from gptstore.sdk.intake.built_in import BUILT_IN, owner_of
from gptstore.sdk.intake.manifests import Taken
from gptstore.sdk.intake.rules import RULES
from gptstore.sdk.problem import Problem

MAX_PROBLEMS = 100
"""How many are told: who mends these will see whether there are others."""


def find_problems(bundle: Bundle, by: User, taken: Taken | None = None) -> list[Problem]:
    """Return all that is wrong with a verified bundle, for this store and for this person.

    taken: the names that it can't have; None for all that this store has.
    """
    found = dict.fromkeys(problem for problem in every_problem(bundle, by, taken) if problem.severity == "error")
    return [*islice(found, MAX_PROBLEMS)]


def every_problem(bundle: Bundle, by: User, taken: Taken | None = None) -> Iterator[Problem]:
    header, manifest = bundle.contents.header, bundle.contents.manifest
    yield from find_owner_problems(header.name, by)
    yield from find_version_problems(header.name, header.version)
    for problem in catalog_intake.find_problems(manifest.model_dump(mode="json")):
        yield problem.at(MANIFEST)
    yield from bundles.find_problems(bundle, taken or taken_from(header.name, by))


def find_owner_problems(name: str, by: User) -> Iterator[Problem]:
    """Yield that the plugin is somebody else's, or one that the operator installed."""
    if by.is_staff:
        return
    plugin = Plugin.objects.filter(name=name).first()
    mend = RULES["owner"].mend
    if plugin is not None and plugin.owner_id != by.pk:
        yield Problem("owner", f"the plugin {name} is somebody else's", mend, HEADER)
    elif plugin is None and (name in BUILT_IN or Tool.objects.filter(plugin=name).exists()):
        yield Problem("owner", f"the plugin {name} is the operator's", mend, HEADER)


def find_version_problems(name: str, version: str) -> Iterator[Problem]:
    """Yield that this version was submitted before, also in another spelling: 1.0 is 1.0.0."""
    before = Release.objects.filter(plugin__name=name).values_list("version", flat=True)
    if other := next((one for one in before if is_same(one, version)), None):
        message = f"{name} {other} was submitted before"
        message += f", and {version} is the same version" if other != version else ""
        yield Problem("version", message, RULES["version"].mend, HEADER)


def is_same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def taken_from(plugin: str, by: User) -> Taken:
    """Return the names in this store that a release of this plugin can't have, or be mistaken for.

    Those of other plugins: of the catalogue, and of releases that wait. One's own may look alike.
    """
    others = Plugin.objects.exclude(name=plugin)
    owners = owners_of_slugs(plugin)
    own = {*others.filter(owner=by).values_list("name", flat=True)}
    names = {*others.values_list("name", flat=True), *owners.values()} - own
    return Taken(
        owner=lambda slug: owner_of(slug) or owners.get(slug),
        plugins=names,
        slugs={slug for slug, name in owners.items() if name not in own},
    )


def owners_of_slugs(plugin: str) -> dict[str, str]:
    """Return the other plugins that have slugs in this store, or wait for them, by slug."""
    others = Plugin.objects.exclude(name=plugin)
    waiting = Release.objects.filter(plugin__in=others, yanked_at=None, deployments=None)
    owners = {
        tool["slug"]: name
        for name, manifest in waiting.exclude(status=ReleaseStatus.REJECTED).values_list("plugin__name", "manifest")
        for tool in manifest["tools"]
    }
    return owners | dict(Tool.objects.exclude(plugin=plugin).values_list("slug", "plugin"))
