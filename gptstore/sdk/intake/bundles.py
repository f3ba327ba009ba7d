"""Problems of a bundle beside its form, which `gptstore.sdk.bundle` verifies: what any store refuses of its content."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.format import CHANGELOG, HEADER, MANIFEST, MAX_UNPACKED_BYTES, WHEELS
from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.intake import bundle_platforms, manifests, wheel_files
from gptstore.sdk.intake.dependencies import check_requirement
from gptstore.sdk.intake.fleet import SDK
from gptstore.sdk.intake.manifests import Taken
from gptstore.sdk.intake.rules import RULES
from gptstore.sdk.intake.secrets import find_in, problem_of
from gptstore.sdk.package import normalize_name
from gptstore.sdk.problem import Problem

PACKAGE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def find_problems(bundle: Bundle, taken: Taken | None = None) -> Iterator[Problem]:
    """Yield all that is wrong with a verified bundle. taken: the names that a store has already."""
    plugin = plugin_wheel(bundle)
    yield from find_header_problems(bundle)
    for problem in manifests.find_problems(bundle.contents.manifest, taken or Taken()):
        yield problem.at(MANIFEST)
    for name in (MANIFEST, CHANGELOG):
        for line, kind in find_in(bundle.archive.read(name)) if name in bundle.archive.entries else ():
            yield problem_of(kind).at(name, line)
    yield from find_dependency_problems(plugin)
    yield from bundle_platforms.find_problems(bundle)
    if (unpacked := sum(wheel.unpacked for wheel in bundle.wheels)) > MAX_UNPACKED_BYTES:
        message = f"its wheels unpack to {unpacked:,} bytes, more than {MAX_UNPACKED_BYTES:,}"
        yield Problem("size", message, "leave out what the tools can do without")
        return
    for wheel in bundle.wheels:
        section = bundle.archive.section(f"{WHEELS}{wheel.file_name}")
        yield from wheel_files.find_problems(section, wheel, is_plugin=wheel.name == plugin.name)


def plugin_wheel(bundle: Bundle) -> Wheel:
    """Return the wheel of the plugin itself, which a verified bundle has."""
    header = bundle.contents.header
    return next(wheel for wheel in bundle.wheels if (wheel.name, wheel.version) == (header.name, header.version))


def find_header_problems(bundle: Bundle) -> Iterator[Problem]:
    from packaging.version import InvalidVersion, Version

    header = bundle.contents.header
    if not PACKAGE.fullmatch(header.name):
        yield Problem("name", f"{header.name!r} is no name of a package", "write letters, digits and hyphens", HEADER)
    try:
        Version(header.version)
    except InvalidVersion:
        yield Problem("version", f"{header.version!r} is no version", "write one such as 1.2.0", HEADER)
    if not bundle.contents.manifest.tools:
        yield Problem("hook", "the plugin offers no tool", RULES["hook"].mend, MANIFEST)
    shipped = {wheel.version for wheel in bundle.wheels if wheel.name == SDK}
    if shipped != {header.sdk}:
        message = f"it names {SDK} {header.sdk}, and has {', '.join(sorted(shipped)) or 'none'}"
        yield Problem("bundle", message, RULES["bundle"].mend, HEADER)
    if others := {wheel.version for wheel in bundle.wheels if wheel.name == header.name} - {header.version}:
        message = f"it has {header.name} {min(others)}, too"
        yield Problem("bundle", message, RULES["bundle"].mend, HEADER)


def find_dependency_problems(plugin: Wheel) -> Iterator[Problem]:
    """Yield what the plugin's own dependencies are not allowed to be, and versions that the fleet does not have."""
    from packaging.requirements import InvalidRequirement, Requirement

    names = set()
    for line in plugin.requires:
        try:
            required = Requirement(line)
        except InvalidRequirement:
            continue  # `bundle_platforms` says so
        names.add(normalize_name(required.name))
        if problem := check_requirement(required):
            yield problem.at(plugin.file_name)
    if SDK not in names:
        mend = f'add "{SDK}" to dependencies: a release has nothing that it does not name'
        yield Problem("dependency", f"it does not require {SDK}", mend, plugin.file_name)
