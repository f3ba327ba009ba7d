"""A plugin whose host forks children that never say hello."""

import os
import time
from pathlib import Path
from typing import Any

from gptstore.sdk import Context, hookimpl, tool
from gptstore.sdk.host.fork_server import ForkServer


@tool
def stay(ctx: Context) -> str:
    """Wait for a turn that never comes."""
    return ""


def become_mute(self: ForkServer, order: Any, descriptors: list[int], parent: int) -> None:
    Path(order.scratch, "pid").write_text(str(os.getpid()))
    time.sleep(3600)


ForkServer.become_child = become_mute  # type: ignore[method-assign,assignment]


@hookimpl
def gptstore_tools() -> list[object]:
    return [stay]
