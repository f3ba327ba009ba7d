"""Benchmarks of the engine, next to plain `generate` on the same weights: `python -m bench.engine --help`.

One file a question: `throughput`, `mixed`, `steps`, `prefix`, `arrival`, `bundled`. They share the others.
"""

import worker.engine  # noqa: F401 - it says how torch's threads wait, for every subject alike, before torch is loaded
