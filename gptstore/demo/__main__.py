"""`python -m gptstore.demo`: start everything, print the address, keep it running, stop everything."""

import os
import sys

from gptstore.demo.config import parse_options
from gptstore.demo.console import fail, say
from gptstore.demo.errors import AlreadyRunning, DiedEarly, NoFreePort, NoRedis, Stopped
from gptstore.demo.paths import hold_lock
from gptstore.demo.signals import stop_on_signals
from gptstore.demo.store import Store


def main() -> int:
    options = parse_options()
    os.umask(0o077)  # the database holds password hashes
    stop_on_signals()
    try:
        with hold_lock(options.paths), Store(options) as store:
            store.start_redis()
            store.prepare()
            store.start_web()
            store.start_worker()
            store.wait_until_ready()
            store.announce()
            store.keep_running()
    except Stopped:
        say("Everything is stopped.")
    except (AlreadyRunning, NoFreePort, NoRedis, DiedEarly) as problem:
        fail(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
