"""Problems of a wheel's entry points: a plugin has some in the group `gptstore` and in no other, a dependency none."""

from __future__ import annotations

from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as ConfigError
from zipfile import ZipFile

from gptstore.sdk.bundle.format import MAX_TEXT_BYTES
from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.problem import Problem

GROUP = "gptstore"
FILE = ".dist-info/entry_points.txt"


class NamesAsWritten(ConfigParser):
    """Reads names as they are written, as `importlib.metadata` does."""

    optionxform = staticmethod(str)  # type: ignore[assignment]


def find_entry_point_problems(archive: ZipFile, wheel: Wheel, *, is_plugin: bool) -> Iterator[Problem]:
    """Yield what is wrong with the entry points of this wheel."""
    try:
        groups = read_groups(archive)
    except (ConfigError, UnicodeDecodeError):
        yield problem(wheel, "its entry_points.txt cannot be read", "build the wheel anew")
        return
    own = groups.pop(GROUP, {})
    if not is_plugin:
        if own:
            mend = "a plugin offers tools of its own only: take it out of dependencies"
            yield problem(wheel, f"{wheel.name} is a plugin itself", mend)
        return
    for group in groups:
        yield problem(wheel, f"it has entry points in the group {group}", "keep those of the group gptstore only")
    if not own:
        mend = 'write [project.entry-points.gptstore] and a line such as tool = "my_tool"'
        yield problem(wheel, "it has no entry point in the group gptstore", mend)
    names = {*archive.namelist()}
    for name, value in own.items():
        module = value.partition(":")[0].strip().replace(".", "/")
        if not {f"{module}.py", f"{module}/__init__.py"} & names:
            yield problem(wheel, f"its entry point {name} names {value}, which is not in it", "name one of its modules")


def read_groups(archive: ZipFile) -> dict[str, dict[str, str]]:
    """Return the entry points of each group. Raises ConfigError, UnicodeDecodeError."""
    parser = NamesAsWritten(delimiters=("=",), strict=True, interpolation=None, default_section="\0")
    for entry in archive.infolist():
        if entry.filename.endswith(FILE) and entry.filename.count("/") == 1:
            if entry.file_size > MAX_TEXT_BYTES:
                raise ConfigError("it is very long")
            parser.read_string(archive.read(entry).decode("utf-8"))
    return {group: dict(parser.items(group)) for group in parser.sections()}


def problem(wheel: Wheel, message: str, mend: str) -> Problem:
    return Problem("entry-point", message, mend, wheel.file_name)
