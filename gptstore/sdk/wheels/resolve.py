"""Resolves dependencies for one platform: uv chooses the versions, and says where their wheels are."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from gptstore.sdk.wheels.errors import UvError, WheelError
from gptstore.sdk.wheels.failure import explain
from gptstore.sdk.wheels.platforms import Platform
from gptstore.sdk.wheels.uv import Sources, run_uv

COMPILE = ("pip", "compile", "--quiet", "--format=pylock.toml", "--only-binary=:all:", "--no-sources", "--no-header")
LOCK = "pylock.toml"


@dataclass(frozen=True)
class Resolved:
    """A package that was chosen, with the wheel that suits the platform best. url: where that is."""

    name: str
    version: str
    sha256: str
    url: str

    @property
    def file_name(self) -> str:
        return file_name_of(self.url)


@dataclass(frozen=True)
class Demand:
    """What is asked for. requires: requirements (PEP 508). sdk: the wheel of the SDK, which no index may replace."""

    requires: tuple[str, ...]
    sdk: Path


def resolve(
    demand: Demand, platform: Platform, sources: Sources, folder: Path, versions: Mapping[str, str] | None = None
) -> list[Resolved]:
    """Return all packages that are needed on the platform, less the SDK. Raises WheelError.

    versions: of packages, which are kept where they fit. folder: where files may be written.
    """
    (folder / "requirements.in").write_text("\n".join(demand.requires) + "\n", encoding="utf-8")
    (folder / "constraints.txt").write_text(f"gptstore-sdk @ {demand.sdk.absolute().as_uri()}\n", encoding="utf-8")
    (folder / LOCK).write_text(preferences(versions or {}), encoding="utf-8")
    options = [*platform.uv_options, *sources.options, "--constraint=constraints.txt", f"--output-file={LOCK}"]
    try:
        run_uv(*COMPILE, *options, "requirements.in", folder=folder)
    except UvError as error:
        raise WheelError(explain(error.output, platform.name, platform.python)) from None
    found = tomllib.loads((folder / LOCK).read_text(encoding="utf-8")).get("packages", [])
    return [choose(one, platform) for one in found if "archive" not in one]


def preferences(versions: Mapping[str, str]) -> str:
    """Return a lock file from which uv takes the versions that it prefers."""
    head = 'lock-version = "1.0"\ncreated-by = "gptstore"\n'
    return (
        head
        + ("" if versions else "packages = []\n")
        + "".join(f'[[packages]]\nname = "{name}"\nversion = "{versions[name]}"\n' for name in sorted(versions))
    )


def choose(package: Mapping[str, Any], platform: Platform) -> Resolved:
    """Return the package with the wheel that its installer on this platform would take."""
    name, version, wheels = package["name"], package.get("version", ""), package.get("wheels", [])
    if not wheels:
        raise WheelError(f"{name} is asked for from an address. Ask for a version that an index has, as a wheel.")
    best = min(wheels, key=lambda wheel: platform.rank(file_name_of(place_of(wheel))))
    return Resolved(name, version, best["hashes"]["sha256"], place_of(best))


def place_of(wheel: Mapping[str, Any]) -> str:
    return str(wheel["url"]) if "url" in wheel else Path(wheel["path"]).absolute().as_uri()


def file_name_of(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])


def all_of(resolved: Mapping[Platform, Sequence[Resolved]]) -> list[Resolved]:
    """Return each wheel of any platform once."""
    return [*{one.sha256: one for found in resolved.values() for one in found}.values()]
