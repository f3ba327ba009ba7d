"""How fast a job goes through the store, whatever its tool does: `python -m bench.jobs --help`.

`flight` is a job's whole way, `bare` the same crowd of bare Celery tasks, `growth` what single steps cost when
the table is full. `stage` is what they run on.
"""
