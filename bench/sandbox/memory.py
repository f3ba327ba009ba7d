"""Memory of an idle host and of a running child: PSS, in which a page that several processes share counts in parts."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from threading import Thread

from bench.sandbox.plugins import HOSTILE, TOOLS
from bench.sandbox.port import TimedPort
from bench.sandbox.report import Figure, Part
from bench.sandbox.sizes import Sizes
from bench.sandbox.stage import open_sandbox
from gptstore.sdk import Canceled
from gptstore.sdk.plugins import installed_names
from worker.hosts.base import ToolCall
from worker.hosts.sandbox.processes import children_of
from worker.hosts.sandbox.sandbox import Sandbox

WAIT_SECONDS = 30.0


def measure(sizes: Sizes) -> Part:
    with open_sandbox(TOOLS) as sandbox:
        host = pid_of(sandbox, 0)
        idle = pss([host])
        running = pss_with_children(sandbox, host, sizes.held)
    shipped = [name for name in installed_names() if name not in (TOOLS, HOSTILE)]
    with open_sandbox(*shipped) as sandbox:
        beside = [pss([pid_of(sandbox, index)]) for index in range(len(shipped))]
    figures = [
        Figure("an idle host, alone", idle / 1e6, "MB"),
        Figure("a running child, beyond its host", (running - idle) / sizes.held / 1e6, "MB"),
        Figure(f"an idle host of a shipped plugin, with {len(shipped)} of them", median(beside) / 1e6, "MB"),
    ]
    return Part("memory", figures, {"children": sizes.held, "shipped": shipped})


def pid_of(sandbox: Sandbox, index: int) -> int:
    return sandbox.supervisors[index].host


def pss_with_children(sandbox: Sandbox, host: int, count: int) -> int:
    """Return the PSS of the host and so many children that run a tool at the same time."""
    ports = [TimedPort() for _ in range(count)]
    call = ToolCall(TOOLS, "hold", {"seconds": 2 * WAIT_SECONDS})
    runs = [Thread(target=hold, args=(sandbox, call, port), daemon=True) for port in ports]
    for run in runs:
        run.start()
    for port in ports:
        assert port.spoke.wait(WAIT_SECONDS), "a child said nothing"
    children = children_of(host)
    assert len(children) == count, f"{len(children)} children of {count}"
    found = pss([host, *children])
    for port in ports:
        port.stop.set()
    for run in runs:
        run.join(WAIT_SECONDS)
    return found


def hold(sandbox: Sandbox, call: ToolCall, port: TimedPort) -> None:
    try:
        sandbox.run(call, port)
    except Canceled:
        return


def pss(pids: Iterable[int]) -> int:
    """Return PSS in bytes (proc_pid_smaps(5))."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
