"""A plugin that fills the disk and the log when it is imported."""

import os
import sys
import time
from pathlib import Path

from gptstore_hostile.neighbour import repeat

from gptstore.sdk import hookimpl

if "gptstore.sdk.host.__main__" in sys.modules:
    print("imported", os.getpid(), file=sys.stderr, flush=True)
    for number in range(100):
        Path(f"hoard-{number}").write_bytes(bytes(1_000_000))
    time.sleep(3600)


@hookimpl
def gptstore_tools() -> list[object]:
    return [repeat]
