"""Exit with 0 if the worker of this machine has sent a heartbeat lately: `python -m worker.process.healthcheck`.

It is made for the health check of a container.
"""

import os
import socket
import sys

import django


def is_alive(host: str) -> bool:
    from gptstore.jobs.workers import alive

    return alive().filter(name__startswith=f"{host}:").exists()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gptstore.settings")
    django.setup()
    sys.exit(0 if is_alive(socket.gethostname()) else "No worker of this machine sent a heartbeat lately: see its log.")
