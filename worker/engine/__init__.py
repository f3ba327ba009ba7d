"""The inference engine: requests in, text out. Knows no Django, no Celery and no jobs.

Read `protocol` first, then the loop in `batching` (schedule, run, emit) with `scheduler`, `kv` and `sampling`; a
Hugging Face model runs in `local`, `network` and `attention`, and `loading` starts an engine from a model's name.
`remote` uses a model on another server. Importing this package or `protocol` never imports torch.
"""

import os

# Torch's threads wait for each other many times a token, by default spinning. Where other processes need the cores too,
# the thread that is waited for then gets none: 124 million parameters on 2 busy cores made 1 token a second, and 20
# with threads that sleep. They may look around for about 15 µs before, a fraction of what it takes to wake them, which
# saves a tenth of a step. OpenMP reads this once, when torch is loaded.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ["OMP_WAIT_POLICY"] = "passive"
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
