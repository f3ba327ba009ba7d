"""Problems of a bundle's platforms: whether each package that is needed there is in it, as a wheel that suits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.format import HEADER
from gptstore.sdk.bundle.pins import Pin
from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.intake.rules import RULES
from gptstore.sdk.package import normalize_name
from gptstore.sdk.problem import Problem
from gptstore.sdk.wheels.conflict import MAX_NEEDS
from gptstore.sdk.wheels.errors import PlatformError
from gptstore.sdk.wheels.platforms import FLEET, NAMES, Platform, places

if TYPE_CHECKING:
    from packaging.requirements import Requirement

MEND = RULES["platform"].mend
MAX_PLATFORMS = 20


def find_problems(bundle: Bundle) -> Iterator[Problem]:
    """Yield what no worker of the fleet could install, and wheels that none of the platforms takes."""
    named = bundle.contents.header.platforms
    if not named or len(named) > MAX_PLATFORMS:
        yield Problem("platform", f"it names {len(named)} platforms, not 1 to {MAX_PLATFORMS}", MEND, HEADER)
        return
    platforms = []
    for name in named:
        try:
            platforms.append(Platform.parse(name))
        except PlatformError as error:
            yield Problem("platform", str(error).rstrip("."), MEND, HEADER)
    if len(platforms) < len(named):
        return
    if not {*platforms} & {*FLEET}:
        fleet = ", ".join(platform.name for platform in FLEET)
        yield Problem("platform", f"it is for {', '.join(named)}; the fleet has {fleet}", MEND, HEADER)
    for wheel in bundle.wheels:
        if not any(suits(wheel, platform) for platform in platforms):
            yield Problem("platform", "no platform of the bundle takes this wheel", MEND, wheel.file_name)
    for platform in platforms:
        yield from find_gaps(platform, bundle.contents.pins, bundle.wheels)


def find_gaps(platform: Platform, pins: Sequence[Pin], wheels: Sequence[Wheel]) -> Iterator[Problem]:
    """Yield the packages that are needed on this platform, and have no wheel for it."""
    from packaging.markers import InvalidMarker, Marker
    from packaging.requirements import InvalidRequirement, Requirement

    environment = environment_of(platform)
    here: dict[str, Wheel] = {}
    for pin in pins:
        try:
            applies = not pin.marker or Marker(pin.marker).evaluate(environment)
        except (InvalidMarker, ValueError):
            yield Problem("bundle", f"{pin.name} has the marker {pin.marker!r}, which is none", RULES["bundle"].mend)
            continue
        found = [wheel for wheel in wheels if wheel.name == pin.name and wheel.sha256 in pin.hashes]
        suitable = [wheel for wheel in found if suits(wheel, platform)]
        if applies and not suitable:
            yield Problem("platform", f"{pin.name} {pin.version} has no wheel for {platform.label}", MEND)
        elif applies:
            here[pin.name] = suitable[0]
    for wheel in here.values():
        for line in wheel.requires:
            try:
                required = Requirement(line)
                if required.marker is None or required.marker.evaluate({**environment, "extra": ""}):
                    fault = fault_of(required, here)
                else:
                    fault = ""
                needs = needs_of(required, here) if fault else ()
            except (InvalidRequirement, ValueError):
                fault, needs = f"it requires {line!r}, which is no requirement", ()
            if fault:
                yield Problem("dependency", fault, RULES["bundle"].mend, wheel.file_name, needs=needs)


def fault_of(required: Requirement, here: dict[str, Wheel]) -> str:
    """Return why these wheels don't fulfil a requirement, "" when they do. Raises InvalidVersion."""
    name = normalize_name(required.name)
    if name not in here:
        return f"it requires {name}, which is not in the bundle"
    if not required.specifier.contains(here[name].version, prereleases=True):
        return f"it requires {required}, and the bundle has {name} {here[name].version}"
    return ""


def needs_of(required: Requirement, here: dict[str, Wheel]) -> tuple[tuple[str, str], ...]:
    """Return who asks for which version of a package that is in the bundle, and which one that is."""
    from packaging.requirements import InvalidRequirement, Requirement

    name = normalize_name(required.name)
    if name not in here:
        return ()
    asked = []
    for wheel in here.values():
        for line in wheel.requires:
            try:
                other = Requirement(line)
            except InvalidRequirement:
                continue
            if normalize_name(other.name) == name:
                asked.append((str(other.specifier) or "any", f"{wheel.name} {wheel.version}"))
    return (*dict.fromkeys(asked[:MAX_NEEDS]), (here[name].version, "the bundle"))


def suits(wheel: Wheel, platform: Platform) -> bool:
    """Return whether a Python of this platform would install the wheel."""
    return platform.rank(wheel.file_name)[0] < len(places(platform))


def environment_of(platform: Platform) -> dict[str, str]:
    """Return the variables of environment markers (PEP 508) on this platform."""
    _, system, machine = NAMES[platform.system]
    windows = system == "win32"
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{platform.python}.0",
        "os_name": "nt" if windows else "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}.get(system, "Windows"),
        "platform_version": "",
        "python_full_version": f"{platform.python}.0",
        "python_version": platform.python,
        "sys_platform": system,
    }
