"""Runs code that a model wrote, which is untrusted, in a process that can reach nothing and has two seconds.

The process has as few rights as a plugin's host (`worker.hosts.sandbox`): no files but Python's own library, no
network, no other processes; and it finds no environment and no packages.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from threading import Timer
from typing import Any

from gptstore.sdk.host import seal
from training.evaluation import confined
from worker.hosts.sandbox import seccomp
from worker.hosts.sandbox.environment import (
    DEVICES,
    ROOT,
    SYSTEM,
    interpreter,
    launcher_variables,
    libraries,
    own_environment,
)
from worker.hosts.sandbox.isolation_level import Level, probe
from worker.hosts.sandbox.policy import Policy
from worker.hosts.sandbox.processes import MAX_HOSTS, user_for

COMPUTING_SECONDS, WALL_SECONDS = 2, 30
MEMORY = 512 << 20
MAX_OUTPUT = 64 << 10

log = logging.getLogger("training")

Arguments = list[list[Any]]


@cache
def can_run() -> bool:
    """Return whether this machine can isolate untrusted code, and can run any that way."""
    able = level().is_at_least("reduced") and run_code("def f(x):\n    return x\n", [[1]]) == [[1]]
    if not able:
        log.warning("code is not run: this machine can't shut it in: %s", "; ".join(level().missing))
    return able


def level() -> Level:
    return probe(own_environment())


def run_code(code: str, arguments: Arguments) -> list[list[Any]]:
    """Return for each function that the code defines its results for these arguments, up to its first error.

    Return nothing when the code fails, computes for too long, or ends its process.
    """
    with tempfile.TemporaryDirectory(prefix="gptstore-code-") as folder:
        Path(folder).chmod(0o711)
        written = _run(_command(folder), _order(code, arguments))
    try:
        results = json.loads(written)
    except ValueError:
        return []
    return results if isinstance(results, list) and all(isinstance(one, list) for one in results) else []


def _order(code: str, arguments: Arguments) -> bytes:
    calls = seccomp.program(processes=False).hex() if level().seccomp else ""
    order = {"code": code, "arguments": arguments, "seconds": COMPUTING_SECONDS, "calls": calls, "seal": seal.__file__}
    return json.dumps(order).encode()


def _command(folder: str) -> list[str]:
    read = [*interpreter(), *SYSTEM, *DEVICES, seal.__file__, confined.__file__]
    rules = Policy(
        read=[*read, sys.executable],
        write=["/dev/null"],
        memory=MEMORY,
        file_size=0,
        namespaces=level().namespaces,
        landlock=level().landlock > 0,
        seccomp=level().seccomp,
        user=user_for(MAX_HOSTS - 1) if level().own_user else None,
        variables=libraries(),
    )
    launch = [sys.executable, "-m", "worker.hosts.sandbox.launch", rules.encode(), str(os.getpid()), folder]
    return [*launch, sys.executable, "-I", "-S", confined.__file__]


def _run(command: list[str], order: bytes) -> bytes:
    """Return the process's output, cut off at a limit; whatever it does, it is gone then."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=launcher_variables(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin and process.stdout
    clock = Timer(WALL_SECONDS, process.kill)
    clock.start()
    try:
        with process.stdin as pipe:
            pipe.write(order)
        return process.stdout.read(MAX_OUTPUT)
    except BrokenPipeError:
        return b""
    finally:
        clock.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
