"""The platforms that bundles are built for: a system, a processor and a version of CPython."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from gptstore.sdk.wheels.errors import PlatformError

SYSTEMS = ("linux-x86_64", "linux-aarch64")
PYTHONS = ("3.11", "3.12", "3.13")
"""What the workers of a store run on: a plugin has to run on each of these. The first ones are the default."""

PYTHON = f"cp{PYTHONS[0].replace('.', '')}"
GLIBC = 28
MIN_GLIBC = 5
OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
MACOS = (13, 0)
NAMES = {
    "linux-x86_64": (f"x86_64-manylinux_2_{GLIBC}", "linux", "x86_64"),
    "linux-aarch64": (f"aarch64-manylinux_2_{GLIBC}", "linux", "aarch64"),
    "macos-arm64": ("aarch64-apple-darwin", "darwin", "arm64"),
    "macos-x86_64": ("x86_64-apple-darwin", "darwin", "x86_64"),
    "windows-x86_64": ("x86_64-pc-windows-msvc", "win32", "AMD64"),
}
"""By our name: uv's name, `sys.platform` and `platform.machine()`."""


@dataclass(frozen=True)
class Platform:
    """A platform. system: one of NAMES. python: such as "3.11"."""

    system: str
    python: str

    @classmethod
    def parse(cls, name: str) -> Platform:
        """Return the platform of a name such as `linux-x86_64-cp311`, or `linux-x86_64`. Raises PlatformError."""
        match = re.fullmatch(r"(.+?)(?:-cp3(\d+))?", name)
        if match is None or match[1] not in NAMES:
            raise PlatformError(f"There is no platform {name!r}. Give one of {', '.join(NAMES)}, with -{PYTHON} or so.")
        return cls(match[1], f"3.{match[2] or PYTHON.removeprefix('cp3')}")

    @classmethod
    def here(cls) -> Platform:
        """Return the platform of this Python. Raises PlatformError."""
        for name, (_, system, machine) in NAMES.items():
            if (system, machine) == (sys.platform, platform.machine()):
                return cls(name, f"{sys.version_info.major}.{sys.version_info.minor}")
        raise PlatformError(f"We know no platform {sys.platform} on {platform.machine()}; we know {', '.join(NAMES)}.")

    @property
    def name(self) -> str:
        return f"{self.system}-cp{self.python.replace('.', '')}"

    @property
    def label(self) -> str:
        """Return what people call it: `linux x86_64 with Python 3.11`."""
        return f"{self.system.replace('-', ' ')} with Python {self.python}"

    @property
    def uv_options(self) -> list[str]:
        return [f"--python-platform={NAMES[self.system][0]}", f"--python-version={self.python}"]

    @property
    def marker(self) -> str:
        """Return the environment marker (PEP 508) that holds on this platform alone."""
        _, system, machine = NAMES[self.system]
        return f"sys_platform == '{system}' and platform_machine == '{machine}' and python_version == '{self.python}'"

    def rank(self, file_name: str) -> tuple[int, str]:
        """Return the place of a wheel in the order of preference: the smaller, the better it suits."""
        from packaging.tags import parse_tag

        tags = parse_tag("-".join(file_name.removesuffix(".whl").split("-")[-3:]))
        order = places(self)
        return min(order.get(str(tag), len(order)) for tag in tags), file_name


FLEET = tuple(Platform(system, python) for system in SYSTEMS for python in PYTHONS)
DEFAULT = FLEET[0]
"""What a bundle is built for, unless its author says otherwise."""


@cache
def places(target: Platform) -> dict[str, int]:
    """Return the place of each tag (PEP 425) that a platform takes, the best first."""
    from packaging.tags import compatible_tags, cpython_tags

    version, names = tuple(map(int, target.python.split("."))), [*tag_names(target.system)]
    interpreter = f"cp{target.python.replace('.', '')}"
    tags = [*cpython_tags(version, platforms=names), *compatible_tags(version, interpreter, names)]
    return {str(tag): place for place, tag in enumerate(tags)}


def tag_names(system: str) -> Iterator[str]:
    """Yield the names of a system in the tags of wheels, the newest first."""
    from packaging.tags import mac_platforms

    name, machine = system.split("-")
    if name == "linux":
        for minor in range(GLIBC, MIN_GLIBC - 1, -1):
            yield f"manylinux_2_{minor}_{machine}"
            if minor in OLD_NAMES:
                yield f"{OLD_NAMES[minor]}_{machine}"
        yield f"linux_{machine}"
    elif name == "macos":
        yield from mac_platforms(MACOS, machine)
    else:
        yield "win_amd64"
