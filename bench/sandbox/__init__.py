"""Benchmarks of the sandbox, its cost and its safety: `python -m bench.sandbox --help`.

One file a question: `start`, `cold`, `memory`, `hostile`, `tokens`, `several`, `growth`; each is asked in a process of
its own (`part`), which stands for a worker. They share the others; `plugin` holds the tools that are run.
"""
