"""The icons of tools: from manifests, by the SDK's rules, into the database."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gptstore.catalog.models import Tool, ToolIcon
from gptstore.sdk.icon import IconError, read_url


@dataclass(frozen=True)
class Icon:
    """An icon of a manifest. kind: its media type."""

    kind: str
    data: bytes

    @property
    def hash(self) -> str:
        return sha256(self.data).hexdigest()[:16]


def read_icon(described: dict[str, Any]) -> Icon | None:
    """Return the icon of a tool's manifest. Raises IconError: the process that wrote it ran a plugin's code."""
    if not (url := described.get("icon")):
        return None
    try:
        return Icon(*read_url(url))
    except IconError as error:
        raise IconError(f"The icon of {described['slug']} {error}.") from None


def store_icon(tool: Tool, icon: Icon | None) -> None:
    """Store the tool's icon, or delete the one that it had."""
    if icon is None:
        ToolIcon.objects.filter(tool=tool).delete()
    else:
        ToolIcon.objects.update_or_create(tool=tool, defaults={"kind": icon.kind, "data": icon.data})
