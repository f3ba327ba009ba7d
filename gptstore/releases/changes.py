"""The differences between a release and the one that is live, for who decides about it: what it says, may and needs.

Values come from people whom nobody trusts yet. They are shortened and made printable here; pages escape them.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gptstore.releases.rights import Right
from gptstore.sdk.bundle.errors import printable
from gptstore.sdk.bundle.pins import Pin

MAX_VALUE = 2_000
BEFORE_DIFFERENCE = 200
MAX_VALUES = 400
MAX_DEPTH = 6
TOOLS = "tools"

State = Literal["new", "changed", "replaced", "removed", "same"]


@dataclass(frozen=True)
class ValueChange:
    """A value of the manifest. tool: the slug, "" for the plugin itself. before, after: None where there is none."""

    tool: str
    place: str
    before: str | None
    after: str | None

    @property
    def state(self) -> State:
        return state_of(self.before, self.after)


@dataclass(frozen=True)
class RightChange:
    right: Right
    state: State


@dataclass(frozen=True)
class PackageChange:
    """A package by its versions; "" where it is not needed. state: `replaced` has the same version and other files."""

    name: str
    before: str
    after: str
    licence: str
    state: State


def state_of(before: object, after: object) -> State:
    if before == after:
        return "same"
    return "new" if before is None else "removed" if after is None else "changed"


def manifest_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[list[ValueChange], int]:
    """Return the values that differ, of the plugin first and then by tool, and how many more there are."""
    old, new = dict(values_of(before or {})), dict(values_of(after))
    places = [*new, *(place for place in old if place not in new)]
    changes = [
        ValueChange(shorten(place[0]), shorten(place[1]), *excerpts(old.get(place), new.get(place)))
        for place in sorted(places, key=lambda place: place[0])
        if old.get(place) != new.get(place)
    ]
    return changes[:MAX_VALUES], len(changes[MAX_VALUES:])


def values_of(manifest: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield each value with its tool and place, such as `input_schema / properties / text / title`."""
    for name, value in manifest.items():
        if name != TOOLS:
            yield from flatten("", (name,), value)
    for tool in manifest.get(TOOLS, ()):
        for name, value in tool.items():
            yield from flatten(str(tool["slug"]), (name,), value)


def flatten(tool: str, place: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, str], str]]:
    if isinstance(value, dict) and value and len(place) < MAX_DEPTH:
        for name, inner in value.items():
            yield from flatten(tool, (*place, str(name)), inner)
    elif isinstance(value, str):
        if value:
            yield (tool, " / ".join(place)), value
    elif value not in (None, [], {}):
        yield (tool, " / ".join(place)), json.dumps(value, ensure_ascii=False)


def excerpts(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """Return both values as they can be shown: of long ones what begins shortly before they differ."""
    pairs = enumerate(zip(before or "", after or "", strict=False))
    differs = next((n for n, (a, b) in pairs if a != b), min(len(before or ""), len(after or "")))
    start = max(0, differs - BEFORE_DIFFERENCE) if max(len(before or ""), len(after or "")) > MAX_VALUE else 0
    return tuple(None if value is None else shorten(value, start) for value in (before, after))  # type: ignore[return-value]


def shorten(value: str, start: int = 0) -> str:
    """Return a text that can be shown: what is invisible in it is written out, and a long one is cut."""
    kept = value[start : start + MAX_VALUE]
    before = f"({start:,}+) …" if start else ""
    after = f"… (+{len(value) - start - len(kept):,})" if len(value) > start + len(kept) else ""
    return before + "\n".join(printable(line) for line in kept.split("\n")) + after


def right_changes(
    before: Collection[Mapping[str, str]] | None, after: Collection[Mapping[str, str]]
) -> list[RightChange]:
    """Return the rights that it asks for, and those that it does without now. All are new without a live release."""
    old, new = rights_in(before or ()), rights_in(after)
    return [
        *(RightChange(right, "same" if right in old else "new") for right in new),
        *(RightChange(right, "removed") for right in old if right not in new),
    ]


def rights_in(stored: Collection[Mapping[str, str]]) -> list[Right]:
    return [Right(**{**right, "value": shorten(right["value"])}) for right in stored]  # type: ignore[arg-type]


def package_changes(
    before: Collection[Pin], after: Collection[Pin], licences: Mapping[str, str]
) -> list[PackageChange]:
    """Return all packages of both locks by name. licences: of the packages of the later one."""
    old, new = by_name(before), by_name(after)
    return [
        PackageChange(
            name,
            versions(old.get(name, ())),
            versions(new.get(name, ())),
            shorten(licences.get(name, "")),
            package_state(old.get(name, []), new.get(name, [])),
        )
        for name in sorted({*old, *new})
    ]


def by_name(pins: Collection[Pin]) -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = {}
    for pin in pins:
        found.setdefault(pin.name, []).append(pin)
    return found


def versions(pins: Collection[Pin]) -> str:
    """Return the versions of one package: several, where its marker differs."""
    return ", ".join(sorted({pin.version for pin in pins}))


def package_state(before: Collection[Pin], after: Collection[Pin]) -> State:
    if not before or not after:
        return "new" if after else "removed"
    if versions(before) != versions(after):
        return "changed"
    return "same" if files_of(before) == files_of(after) else "replaced"


def files_of(pins: Collection[Pin]) -> set[tuple[str, str]]:
    return {(digest, pin.marker) for pin in pins for digest in pin.hashes}
