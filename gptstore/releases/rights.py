"""What a release may do beside what any tool may, and how much could go wrong with it."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.limits import LIMITS
from gptstore.sdk.manifest import Manifest, ToolManifest

MAX_RISK = 10
PURE = "-none-any"


class Kind(StrEnum):
    NETWORK = "network"
    SECRETS = "secrets"
    NATIVE_CODE = "native_code"
    LIMIT = "limit"


WEIGHTS = {Kind.NETWORK: 5, Kind.SECRETS: 2, Kind.NATIVE_CODE: 2, Kind.LIMIT: 1}
"""What each kind of right adds to the risk, once. Network and secrets together are what a theft needs."""

UNSIGNED = 1


@dataclass(frozen=True)
class Right:
    """One right. tool: the slug of the tool that has it, "" for the plugin. value: the limit or the package.

    limit: the name of a limit of `gptstore.sdk.limits`, when it is more than the store's default.
    """

    kind: Kind
    tool: str = ""
    limit: str = ""
    value: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def rights_of(manifest: Manifest, wheels: Iterable[Wheel]) -> list[Right]:
    """Return the rights that a bundle asks for, in the order of its tools."""
    found = [right for tool in manifest.tools for right in rights_of_tool(tool)]
    compiled = sorted(wheel.name for wheel in wheels if not wheel.tag.endswith(PURE))
    return found + [Right(Kind.NATIVE_CODE, value=name) for name in compiled]


def rights_of_tool(tool: ToolManifest) -> Iterator[Right]:
    if tool.network:
        yield Right(Kind.NETWORK, tool.slug)
    for name, schema in ((tool.settings_schema or {}).get("properties") or {}).items():
        if is_secret(schema):
            yield Right(Kind.SECRETS, tool.slug, value=name)
    for limit in LIMITS.values():
        asked = getattr(tool, limit.name)
        if asked is not None and (limit.own(asked) or 0) > limit.ceiling(limit.default):
            yield Right(Kind.LIMIT, tool.slug, limit.name, str(asked))


def is_secret(schema: dict[str, Any]) -> bool:
    return any(one.get("writeOnly") for one in (schema, *schema.get("anyOf", ())))


def risk_of(rights: Iterable[Right], *, is_signed: bool) -> int:
    """Return the risk from 0, harmless, to 10."""
    kinds = {right.kind for right in rights}
    risk = sum(WEIGHTS[kind] for kind in kinds) + (0 if is_signed else UNSIGNED)
    return min(MAX_RISK, risk)


def needs_two(rights: Iterable[dict[str, str]]) -> bool:
    """Return whether two people have to approve a release with these rights."""
    return any(right["kind"] == Kind.NETWORK for right in rights)
