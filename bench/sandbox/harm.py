"""Hostile runs: the deeds of the hostile plugin, one after the other, and the end of each."""

import os
from dataclasses import dataclass

from bench.sandbox.plugins import HOSTILE
from bench.sandbox.port import TimedPort
from gptstore.sdk import Canceled
from harness.hostile.gptstore_hostile.reaching import REACHING
from worker.hosts.base import ToolCall
from worker.hosts.sandbox.sandbox import Sandbox

HARM = [
    "segfault", "exit", "sys.exit", "kill itself", "endless loop", "endless loop, canceled", "sleep, canceled",
    "close all descriptors", "nonsense", "endless output", "all memory", "large file", "many files", "fork bomb",
    "thread that stays", "endless chatter, canceled", "more rights",
]  # fmt: skip
CANCELED = ", canceled"
"""Only a stop ends it, which comes as soon as it has output something, and which it ignores."""

TAKEN = {"endless output": "output", "all memory": "memory"}
"""Resources that another tool takes without end, until it is stopped at its limit."""

WAYS = [*REACHING]
OF_THE_WORKER = {way for way in WAYS if "worker" in way} | {"ptrace", "memory of another process"}
HARM_OF_THREE = 2
"""Runs of three that do harm; the third tries a way out."""


@dataclass(frozen=True)
class Deed:
    """The deed of a run, its end, whether its code ran at all, and whether it got what it must not get."""

    what: str
    ending: str
    ran: bool
    escaped: bool


class Impatient(TimedPort):
    """A run that is stopped once it has output something."""

    @property
    def stopped(self) -> bool:
        return self.spoke.is_set()


def do_harm(sandbox: Sandbox, number: int, target: str) -> Deed:
    turn, place = divmod(number, HARM_OF_THREE + 1)
    if place == HARM_OF_THREE:
        return reach_out(sandbox, WAYS[turn % len(WAYS)], target)
    what = HARM[(turn * HARM_OF_THREE + place) % len(HARM)]
    port = Impatient() if what.endswith(CANCELED) else TimedPort()
    call = ToolCall(HOSTILE, "harm", {"how": what.removesuffix(CANCELED)})
    if what in TAKEN:
        call = ToolCall(HOSTILE, "take", {"what": TAKEN[what]})
    ending = run(sandbox, call, port)
    return Deed(what, ending, port.text.startswith("before "), escaped=False)


def reach_out(sandbox: Sandbox, way: str, target: str) -> Deed:
    port = TimedPort()
    aimed = str(os.getpid()) if way in OF_THE_WORKER else target
    ending = run(sandbox, ToolCall(HOSTILE, "reach", {"way": way, "target": aimed}), port)
    result = port.text.partition(":")[0]
    return Deed("a way out", result or ending, result in ("stopped", "OUT"), result == "OUT")


def run(sandbox: Sandbox, call: ToolCall, port: TimedPort) -> str:
    """Run it, and return its end in a few words. A plugin may make the sandbox raise anything that a `ToolHost` may."""
    try:
        sandbox.run(call, port)
    except (Exception, Canceled) as error:
        return " ".join(f"{type(error).__name__} {error}".split())[:100]
    return "ended by itself"
