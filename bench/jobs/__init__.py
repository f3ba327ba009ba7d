"""Benchmarks of the store's job queue, whatever a tool does: `python -m bench.jobs --help`.

`flight` is a job's whole way, `bare` the same number of bare Celery tasks, `growth` the cost of single steps when
the table is full. `stage` is the store that they run on.
"""
