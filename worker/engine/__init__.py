"""The inference engine: requests in, text out. Knows no Django, no Celery and no jobs.

Read `protocol` first, then `loop.engine_loop` (schedule, run, emit) with `loop.scheduler`, `loop.kv` and `sampling`; a
Hugging Face model runs in `local.local_runner`, `model.patched_model` and `model.attention`, and `local.loading` starts
an engine from a model's name. `remote` uses a model on another server. Importing this package or `protocol` never
imports torch.
"""

import os

# Torch's threads wait for each other many times a token, by default spinning. Where other processes need the cores too,
# the thread that is waited for then gets none: 124 million parameters on 2 busy cores made 1 token a second, and 20
# with threads that sleep. They may spin for about 15 µs first, a fraction of the time that waking them takes, which
# saves a tenth of a step. OpenMP reads this once, when torch is loaded.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ["OMP_WAIT_POLICY"] = "passive"
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
