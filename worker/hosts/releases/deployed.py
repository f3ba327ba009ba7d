"""The releases of a folder that can run: the environment of each plugin, and why others cannot."""

from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path

from gptstore.sdk.package import package_name
from worker.hosts.releases.build import build
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.releases.release import Release, find_releases
from worker.hosts.sandbox.environment import PythonEnvironment, packages_of, released_environment


@dataclass(frozen=True)
class Deployed:
    """A folder's plugins. environments: by plugin, such as "gptstore-qa". broken: by release or plugin, why.

    releases: all of the folder, by their keys. sources: the key of the release that a plugin is of.
    """

    environments: dict[str, PythonEnvironment] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)


def deploy(folder: Path, place: Path) -> Deployed:
    """Build the environments that `place` lacks, and look into them without running anything of them."""
    deployed = Deployed()
    try:
        releases = find_releases(folder)
    except ReleaseError as error:
        return Deployed(broken={"releases": str(error)})
    for release in releases:
        key = release.key
        deployed.releases[key] = release
        try:
            environment = build(release, place)
            for plugin in find_plugins(environment):
                add(deployed, plugin, released_environment(environment), key)
        except (ReleaseError, OSError) as error:
            deployed.broken[release.name] = str(error)
    return deployed


def find_plugins(environment: Path) -> list[str]:
    """Find an environment's plugins by the packages' metadata. Raises ReleaseError when it has none."""
    found = distributions(path=[str(packages_of(environment))])
    names = {package_name(one) for one in found if any(point.group == "gptstore" for point in one.entry_points)}
    if not names:
        raise ReleaseError("none of its packages has an entry point in the group `gptstore`")
    return sorted(names)


def add(deployed: Deployed, plugin: str, environment: PythonEnvironment, key: str) -> None:
    if plugin in deployed.environments:
        raise ReleaseError(f"{plugin} is in an earlier release of this folder already; keep one of the two")
    deployed.environments[plugin] = environment
    deployed.sources[plugin] = key
