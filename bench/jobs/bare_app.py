"""The Celery application of the baseline, and its worker: `python -m bench.jobs.bare_app REDIS_URL SOCKET`."""

import socket
import struct
import sys
import time
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning

TASK = "bench.noop"
STARTED = struct.Struct("!Id")
CONCURRENCY = 64


def bare_app(redis_url: str) -> Celery:
    """Make the application, with the settings of `gptstore.celery`, but without Django."""
    transport = {"visibility_timeout": 4 * 60 * 60, "socket_connect_timeout": 2, "socket_keepalive": True}
    app = Celery("bare", set_as_current=False, fixups=[])
    app.conf.update(
        broker_url=broker_url(redis_url),
        broker_transport_options=transport | {"socket_timeout": 2, "max_retries": 1, "interval_start": 0},
        broker_connection_retry_on_startup=True,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_default_queue="bare",
        worker_prefetch_multiplier=1,
        worker_pool="threads",
        worker_concurrency=CONCURRENCY,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
    )
    return app


def broker_url(redis_url: str) -> str:
    """Return the URL for Celery, which has its own scheme for unix sockets."""
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


def main(redis_url: str, path: str) -> None:
    app = bare_app(redis_url)
    voice = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    voice.connect(path)

    @app.task(name=TASK)
    def noop(number: int) -> None:
        voice.send(STARTED.pack(number, time.time()))

    warnings.filterwarnings("ignore", category=SecurityWarning)
    app.start(["worker", "--loglevel=INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
