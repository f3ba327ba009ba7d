"""What happens in a run, in the form in which a store sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One event of a run: `started`, `output`, `progress`, `log` and `finished`, as docs/api.md has them.

    Two more are for authors: `printed`, a line that the plugin printed, and `model`, one request to the model with its
    answer (`gptstore.sdk.dev.recorder.Exchange`).
    """

    name: str
    data: dict[str, Any]
