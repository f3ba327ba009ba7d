"""Finds the installed plugins and asks each for its tools. A broken one is reported and left out."""

from __future__ import annotations

import re
import traceback
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, entry_points
from importlib.util import find_spec
from inspect import isfunction
from typing import Any

import pluggy

from gptstore.sdk import hookspecs
from gptstore.sdk.errors import PluginError
from gptstore.sdk.load_failure import as_line, describe_failure
from gptstore.sdk.manifest import Manifest
from gptstore.sdk.package import package_name
from gptstore.sdk.problem import Problem
from gptstore.sdk.tools import Tool

_OWN_MODULE = __name__.partition(".")[0]
_PACKAGE = re.compile(r"[\w.-]+")
_SIMILAR = 0.75
_ARGUMENTS = re.compile(r"Argument\(s\) \{(.*?)\}")

HOOK, SLUG = "hook", "slug"
"""The rules that are checked here, as `gptstore.sdk.intake.rules` has them."""

RETURN = "return a list of tools"


@dataclass(frozen=True)
class LoadedPlugin:
    """An installed package whose tools can be run.

    name: the package's normalised name, such as "gptstore-code-writer"; distribution: the name as its author wrote it.
    module: that of the entry point, such as "gptstore_code_writer".
    """

    name: str
    version: str
    distribution: str
    module: str
    tools: tuple[Tool, ...]
    manifest: Manifest


@dataclass(frozen=True)
class BrokenPlugin:
    """A package that can't be used. `error` is one line; `details` is the traceback, if there is one.

    problem: the same for the author, with the place. None for what is no mistake of the plugin's.
    """

    name: str
    error: str
    details: str = ""
    problem: Problem | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Loaded:
    """The plugins that were found, both lists in order of their names."""

    plugins: list[LoadedPlugin] = field(default_factory=list)
    broken: list[BrokenPlugin] = field(default_factory=list)

    def find(self, slug: str, plugin: str | None = None) -> Tool | None:
        """Return the tool with this slug, if a working plugin offers it. plugin: the one whose tool it has to be."""
        tools = (tool for found in self.plugins if plugin in (None, found.name) for tool in found.tools)
        return next((tool for tool in tools if tool.slug == slug), None)


def load_plugins(group: str = "gptstore", *, names: Collection[str] | None = None) -> Loaded:
    """Load the installed packages that have an entry point in `group`. Never raises because of a plugin.

    Each is registered in a plugin manager of its own, so that no plugin sees or stops another. Two may offer tools with
    one slug: the catalogue of a store decides whose it is. names: of these packages only, such as
    "gptstore-code-writer"; nothing of the others is imported.
    """
    return _load([found for found in _installed(group) if names is None or found[0] in names])


def installed_names(group: str = "gptstore") -> list[str]:
    """Return the names of the packages that have an entry point in `group`. Imports none of them."""
    return [name for name, _, _ in _installed(group)]


def plugin_folders(group: str = "gptstore") -> list[str]:
    """Return the folders of the modules that entry points in `group` name, and of the packages that theirs require.

    The store's own package is left out. Imports none of them.
    """
    installed = _installed(group)
    names = {point.module.partition(".")[0] for _, _, points in installed for point in points}
    for distribution in _required([distribution for _, distribution, _ in installed]):
        names |= _modules(distribution)
    specs = [spec for name in sorted(names) if (spec := find_spec(name)) is not None]
    return [place for spec in specs for place in spec.submodule_search_locations or [spec.origin or ""] if place]


def _required(distributions: Sequence[Distribution]) -> list[Distribution]:
    """Return the installed packages that these require, directly or not, without the store's own."""
    found: dict[str, Distribution] = {}
    unread = [*distributions]
    while unread:
        for name in _requirements(unread.pop()) - {*found}:
            try:
                required = Distribution.from_name(name)
            except PackageNotFoundError:
                continue
            if _OWN_MODULE not in _modules(required):
                found[name] = required
                unread.append(required)
    return [*found.values()]


def _requirements(distribution: Distribution) -> set[str]:
    """Return the names of the packages that it can't do without."""
    try:
        lines = distribution.requires or []
    except Exception:  # its metadata can't be read, which loading it will report
        return set()
    return {match[0] for line in lines if "extra ==" not in line and (match := _PACKAGE.match(line))}


def _modules(distribution: Distribution) -> set[str]:
    """Return its top-level modules, as setuptools notes them."""
    return set((distribution.read_text("top_level.txt") or "").split())


def _load(installed: list[tuple[str, Distribution, list[EntryPoint]]]) -> Loaded:
    loaded = Loaded()
    for name, distribution, points in installed:
        try:
            plugin = load_plugin(name, distribution, points)
        except PluginError as error:
            loaded.broken.append(BrokenPlugin(name, str(error), problem=describe_failure(error)))
        except (Exception, SystemExit) as error:
            problem = describe_failure(error)
            loaded.broken.append(BrokenPlugin(name, as_line(error, problem), traceback.format_exc(), problem))
        else:
            loaded.plugins.append(plugin)
    return loaded


def load_plugin(name: str, distribution: Distribution, points: Sequence[EntryPoint]) -> LoadedPlugin:
    """Import an installed package's entry points and call its hook. Raises PluginError, or what the plugin raises."""
    manager = pluggy.PluginManager("gptstore")
    manager.add_hookspecs(hookspecs)
    for point in points:
        _register(manager, point)
    tools = _ask_for_tools(manager)
    _check_own_slugs(tools)
    return LoadedPlugin(
        name=name,
        version=distribution.version,
        distribution=distribution.name,
        module=points[0].module,
        tools=tuple(tools),
        manifest=Manifest.from_plugin(distribution, tools),
    )


def _installed(group: str) -> list[tuple[str, Distribution, list[EntryPoint]]]:
    found: dict[str, tuple[Distribution, list[EntryPoint]]] = {}
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, point.value)):
        if point.dist is not None:
            found.setdefault(_owner(point, point.dist), (point.dist, []))[1].append(point)
    return [(name, *found[name]) for name in sorted(found)]


def _owner(point: EntryPoint, distribution: Distribution) -> str:
    try:
        return package_name(distribution)
    except Exception:  # its metadata can't be read, which loading it will report
        return point.name


def _register(manager: pluggy.PluginManager, point: EntryPoint) -> None:
    plugin = point.load()
    try:
        manager.register(plugin, name=point.name)
    except pluggy.PluginValidationError as error:
        found = _ARGUMENTS.search(str(error))
        raise PluginError(f"a hook has no argument {found[1] if found else error}", "take none", HOOK) from None
    except ValueError as error:
        raise PluginError(str(error), rule=HOOK) from None
    callers = manager.get_hookcallers(plugin) or []
    _check_hook_names([caller.name for caller in callers if not caller.has_spec()])
    if not callers:
        forgotten = [name for name in dir(plugin) if name.startswith("gptstore_") and callable(getattr(plugin, name))]
        advice = f"write @hookimpl over {forgotten[0]}" if forgotten else "define gptstore_tools with @hookimpl"
        raise PluginError(f"{point.value} implements no hook", advice, HOOK)


def _check_hook_names(unknown: list[str]) -> None:
    known = [name for name in vars(hookspecs) if name.startswith("gptstore_")]
    for name in sorted(unknown):
        near = get_close_matches(name, known, n=1, cutoff=_SIMILAR)
        advice = f"did you mean {near[0]!r}?" if near else f"hooks are: {', '.join(known)}"
        raise PluginError(f"there is no hook {name!r}", advice, HOOK)


def _ask_for_tools(manager: pluggy.PluginManager) -> list[Tool]:
    results: list[Any] = manager.hook.gptstore_tools()
    if len(results) < len(manager.hook.gptstore_tools.get_hookimpls()):
        raise PluginError("gptstore_tools returned None", RETURN, HOOK)
    tools: list[Tool] = []
    for result in reversed(results):
        if not isinstance(result, list | tuple):
            raise PluginError(f"gptstore_tools returned {result!r}", RETURN, HOOK)
        for item in result:
            if not isinstance(item, Tool):
                shown = f"the function {item.__name__}" if isfunction(item) else repr(item)
                problem = f"gptstore_tools returned a list with {shown}, which is no tool"
                raise PluginError(problem, "write @tool over it", HOOK)
            tools.append(item)
    return tools


def _check_own_slugs(tools: Sequence[Tool]) -> None:
    slugs = [tool.slug for tool in tools]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise PluginError(f"two of its tools have the slug {slug!r}", "give one another with slug=", SLUG)
