"""Chaos testing: the fate of accepted jobs while everything around them dies. `python -m bench.chaos --help`.

`fleet` and `store` run a real store (web, workers, Redis, a database), `traffic` uses it, `faults` break it. The
database itself records each claim and each end (`witness`), and `verdict` compares them with the orders.
"""
