"""What an accepted job is worth while everything around it dies: `python -m bench.chaos --help`.

A real store (web, workers, Redis, a database) is `fleet` and `store`, what people do with it is `traffic`, what happens
to it is `faults`. The database itself writes down each claim and each end (`witness`), and `verdict` compares them with
what was asked for.
"""
