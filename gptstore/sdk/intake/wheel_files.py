"""Problems of the files in a wheel of a bundle. It is read where it lies; nothing is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import ZipFile

from gptstore.sdk.bundle.wheel import UNREADABLE, Wheel
from gptstore.sdk.intake.entry_points import find_entry_point_problems
from gptstore.sdk.intake.files import MAX_BYTES, fault_of, leftover_of
from gptstore.sdk.intake.fleet import SDK
from gptstore.sdk.intake.records import find_record_problems
from gptstore.sdk.intake.secrets import MAX_BYTES as MAX_SEARCHED
from gptstore.sdk.intake.secrets import find_in, problem_of
from gptstore.sdk.limits import MEGA
from gptstore.sdk.package import normalize_name
from gptstore.sdk.problem import Problem

INFO = (".dist-info", ".egg-info")


def find_problems(file: BinaryIO, wheel: Wheel, *, is_plugin: bool) -> Iterator[Problem]:
    """Yield what a store refuses of this wheel. is_plugin: whether it is the plugin itself, no dependency of it."""
    try:
        with ZipFile(file) as archive:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
            yield from find_name_problems(names, wheel, is_plugin=is_plugin)
            yield from find_info_problems(names, wheel)
            yield from find_entry_point_problems(archive, wheel, is_plugin=is_plugin)
            yield from find_record_problems(archive, wheel)
            if is_plugin:
                yield from find_plugin_problems(archive, wheel)
    except UNREADABLE as error:
        yield Problem("bundle", f"the wheel cannot be read: {error}", file=wheel.file_name)


def find_name_problems(names: list[str], wheel: Wheel, *, is_plugin: bool) -> Iterator[Problem]:
    """Yield the files that no release may have, by their names."""
    for name in names:
        if fault := fault_of(name) or (leftover_of(name) if is_plugin else ""):
            yield problem("file", wheel, f"the wheel has {name}, which {fault}", "take it out of the package")
        elif wheel.name != SDK and PurePosixPath(name).parts[:2] == ("gptstore", "sdk"):
            yield problem("file", wheel, f"the wheel has {name}, which belongs to {SDK}", "take it out of the package")


def find_info_problems(names: list[str], wheel: Wheel) -> Iterator[Problem]:
    """Yield that a wheel describes another package than itself: Python would see both as installed."""
    stem = "-".join(wheel.file_name.split("-")[:2])
    for folder in sorted({name.partition("/")[0] for name in names if name.partition("/")[0].endswith(INFO)}):
        own = folder.removesuffix(INFO[0])
        if normalize_name(own) != normalize_name(stem):
            mend = "a wheel describes one package: build it anew"
            yield problem("file", wheel, f"the wheel has {folder}, which is of another package", mend)


def find_plugin_problems(archive: ZipFile, wheel: Wheel) -> Iterator[Problem]:
    """Yield what is refused of the plugin's own wheel alone: its size, compiled code, and keys in its files."""
    if not wheel.is_pure:
        mend = "put compiled code into a package of its own that has wheels"
        yield problem("file", wheel, "the plugin's wheel is for one platform only", mend)
    if (size := sum(entry.file_size for entry in archive.infolist())) > MAX_BYTES:
        message = f"the package has {size / MEGA:.0f} MB, more than {MAX_BYTES // MEGA}"
        yield problem("size", wheel, message, "leave out data and models: ctx.model is there for all tools")
    for entry in archive.infolist():
        if entry.file_size <= MAX_SEARCHED:
            for line, kind in find_in(archive.read(entry)):
                yield problem_of(kind).at(f"{wheel.file_name}/{entry.filename}", line)


def problem(rule: str, wheel: Wheel, message: str, mend: str) -> Problem:
    return Problem(rule, message, mend, wheel.file_name)
