"""The time of a run to its beginning in a warm host, and of an idle one to its end; next to a host in the process."""

from collections import defaultdict
from time import monotonic_ns

from bench.sandbox.plugins import TOOLS
from bench.sandbox.port import TimedPort
from bench.sandbox.report import Figure, Part, p50_and_p95
from bench.sandbox.sizes import Sizes
from bench.sandbox.stage import open_sandbox, within_process
from worker.hosts.base import ToolCall, ToolHost

AIM_MS = 10.0
WARM_UP = 5


def measure(sizes: Sizes) -> Part:
    begins: dict[str, list[list[float]]] = defaultdict(list)
    ends: dict[str, list[list[float]]] = defaultdict(list)
    with open_sandbox(TOOLS) as sandbox:
        hosts: dict[str, ToolHost] = {"sandbox": sandbox, "in the process": within_process(TOOLS)}
        for host in hosts.values():
            time_runs(host, WARM_UP)
        for _ in range(sizes.rounds):
            for name, host in hosts.items():
                begun, ended = time_runs(host, sizes.starts)
                begins[name].append(begun)
                ends[name].append(ended)
    figures: list[Figure] = []
    for name in hosts:
        aim = {"aim": AIM_MS} if name == "sandbox" else {}
        figures += p50_and_p95(f"{name}: from run() to the tool's first line", begins[name], **aim)
        figures += p50_and_p95(f"{name}: a run that does nothing", ends[name])
    return Part("start", figures, {"runs_a_round": sizes.starts, "rounds": sizes.rounds})


def time_runs(host: ToolHost, count: int) -> tuple[list[float], list[float]]:
    """Return milliseconds until the tool's first line, and until the end of a run that does nothing. One at a time."""
    begun, ended = [], []
    for _ in range(count):
        port, called_at = TimedPort(), monotonic_ns()
        host.run(ToolCall(TOOLS, "clock", {}), port)
        begun.append((int(port.text) - called_at) / 1e6)
        called_at = monotonic_ns()
        host.run(ToolCall(TOOLS, "nothing", {}), TimedPort())
        ended.append((monotonic_ns() - called_at) / 1e6)
    return begun, ended
