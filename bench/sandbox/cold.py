"""The time of a host from its start until it can fork; next to a bare Python that imports the same plugin."""

import subprocess
import sys
from time import perf_counter

from bench.sandbox.plugins import TOOLS
from bench.sandbox.report import Figure, Part, p50_and_p95
from bench.sandbox.sizes import Sizes
from bench.sandbox.stage import open_sandbox

BARE = f"from gptstore.sdk.plugins import load_plugins; assert load_plugins(names=[{TOOLS!r}]).plugins"


def measure(sizes: Sizes) -> Part:
    cold, bare = [], []
    for _ in range(sizes.cold):
        begun_at = perf_counter()
        with open_sandbox(TOOLS):
            cold.append(1000 * (perf_counter() - begun_at))
        begun_at = perf_counter()
        subprocess.run([sys.executable, "-c", BARE], check=True)
        bare.append(1000 * (perf_counter() - begun_at))
    figures = p50_and_p95("a host, from its start until it can fork", [cold])
    figures += p50_and_p95("a bare Python that imports the same plugin, to its end", [bare])
    ratio = Figure("a host's start by that of a bare Python", figures[0].value / figures[2].value, "×")
    return Part("cold", [ratio, *figures], {"starts": sizes.cold})
