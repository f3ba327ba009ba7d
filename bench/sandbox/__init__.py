"""What the sandbox costs, and whether it holds: `python -m bench.sandbox --help`.

One file a question: `start`, `cold`, `memory`, `hostile`, `tokens`, `growth`; each is asked in a process of its own
(`part`), which stands for a worker. The others are what they share; `plugin` holds the tools that are run.
"""
