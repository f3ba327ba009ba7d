"""Loads the operator hooks that a setting names, in this order, and nothing that it does not name."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

import pluggy
import structlog

from worker.hooks import hookspecs
from worker.hooks.errors import HooksNotLoaded

GROUP = "gptstore.operator_hooks"
BUILT_IN = {"masking": "worker.hooks.masking.inputs", "masking-answers": "worker.hooks.masking.answers"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class LoadedHook:
    """A hook. `calls` is the relay of a plugin manager of its own, since each hook of a chain gets another text."""

    name: str
    calls: Any

    def implements(self, hook: str) -> bool:
        return bool(getattr(self.calls, hook).get_hookimpls())


def load_named(names: Sequence[str]) -> list[LoadedHook]:
    """Load the hooks. Raises HooksNotLoaded, after a traceback in the log when a module raised."""
    if len(set(names)) < len(names):
        raise HooksNotLoaded(f"GPTSTORE_OPERATOR_HOOKS names one twice: {', '.join(names)}.")
    return [use(name, find(name)) for name in names]


def use(name: str, module: Any) -> LoadedHook:
    """Register anything that has functions under @hookimpl. Raises HooksNotLoaded."""
    manager = pluggy.PluginManager(hookspecs.hookspec.project_name)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module, name=name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        raise HooksNotLoaded(f"The operator hook {name!r} cannot be used: {one_line(error)}") from None
    if not manager.get_hookcallers(module):
        raise HooksNotLoaded(
            f"The operator hook {name!r} implements nothing: write @hookimpl of worker.hooks over its functions."
        )
    return LoadedHook(name, manager.hook)


def find(name: str) -> Any:
    points = {point.name: point for point in entry_points(group=GROUP)}
    if name not in BUILT_IN and name not in points:
        known = ", ".join(sorted({*BUILT_IN, *points}))
        raise HooksNotLoaded(f"GPTSTORE_OPERATOR_HOOKS names {name!r}, which is not installed. There are: {known}.")
    try:
        return import_hook(BUILT_IN.get(name) or points[name])
    except (Exception, SystemExit) as error:
        log.exception("hook_not_loaded", hook=name)
        fault = f"{type(error).__name__}: {one_line(error)}"
        raise HooksNotLoaded(f"The operator hook {name!r} cannot be loaded: {fault}") from None


def import_hook(place: str | EntryPoint) -> ModuleType | Any:
    return import_module(place) if isinstance(place, str) else place.load()


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
