"""Benchmarks: `python -m bench.NAME --help`. They import `harness`, never `tests`; `common` is what they share."""
