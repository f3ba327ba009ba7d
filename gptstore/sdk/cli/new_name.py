"""Checks the name of a new tool, which becomes its slug, its module and its function, and suggests a better one."""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec

from gptstore.sdk.cli.errors import UsageError
from gptstore.sdk.text_limits import MAX_SLUG, MAX_TITLE, is_slug

PREFIX = "gptstore-"


def check_name(name: str) -> None:
    """Raise UsageError, with a suggestion, for a name that no tool should have."""
    from gptstore.sdk.intake.built_in import owner_of
    from gptstore.sdk.intake.names import find_package_problems

    if not is_slug(name):
        rules = f"lower-case letters, digits and single hyphens, at most {MAX_SLUG}"
        raise UsageError(f"{name!r} can't be a tool's name: use {rules}, such as {suggest(name)!r}.")
    if name.startswith(PREFIX):
        short = name.removeprefix(PREFIX)
        raise UsageError(f"The package is called {PREFIX}… anyway: use {short!r}.")
    module = name.replace("-", "_")
    if not module.isidentifier() or keyword.iskeyword(module):
        reason = "is a word of Python" if keyword.iskeyword(module) else "can't name a function in Python"
        raise UsageError(f"{name!r} {reason}: use another name, such as {f'tool-{name}'!r}.")
    if module in sys.stdlib_module_names:
        raise UsageError(f"{name!r} is a module of Python's standard library: use {f'{name}-tool'!r}.")
    if owner := owner_of(name):
        raise UsageError(f"Every store has a tool {name!r}, of {owner}: use another name, such as {f'my-{name}'!r}.")
    if is_installed(name, module):
        raise UsageError(f"A package {name!r} is installed here: use another name, such as {f'{name}-tool'!r}.")
    for problem in find_package_problems(PREFIX + name):
        raise UsageError(f"{problem.message.capitalize()}: {problem.mend}.")


def check_title(title: str) -> None:
    """Raise UsageError for a title that the catalogue, or the files of the project, can't have."""
    if len(title) > MAX_TITLE:
        raise UsageError(f"The title has {len(title)} characters: use {MAX_TITLE} at most.")
    if '"' in title or "\\" in title or not title.isprintable():
        raise UsageError("The title has a quotation mark, a backslash or a line break: leave it out.")


def suggest(name: str) -> str:
    """Return a name of the right form that comes near."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-")
    return words if is_slug(words) and not words[0].isdigit() else "my-tool"


def is_installed(name: str, module: str) -> bool:
    """Return whether a module or a package of this name, or of the project's, is installed. Imports none."""
    for one in (module, f"gptstore_{module}"):
        spec = find_spec(one)
        if spec is not None and spec.origin is not None:  # a folder without code is no module
            return True
    for one in (name, PREFIX + name):
        try:
            distribution(one)
        except PackageNotFoundError:
            continue
        return True
    return False
