"""Tests SQLite's durability while processes are killed, with a memory map and without; prints JSON.

Some processes open a connection, commit a row, note that they did, and close, as the requests and claims of a store do.
They are killed at random and started again. What was noted and is not there at the end is lost.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

THREADS = (8, 2, 2, 2)
"""The threads of each writing process."""

MAP_BYTES = 134_217_728


def main() -> None:
    options = parse_options()
    if options.write:
        path, said, threads, mapped = options.write
        write_for_ever(Path(path), Path(said), int(threads), int(mapped))
    print(json.dumps([measure(mapped, options.seconds) for mapped in (MAP_BYTES, 0)], indent=2))


def measure(mapped: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path, said = Path(folder) / "kept.sqlite3", Path(folder) / "said"
        with connect(path, 0) as made:
            made.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, text TEXT)")
        made.close()
        killed = kill_writers(path, said, mapped, seconds)
        notes = said.read_text().splitlines()
        with connect(path, 0) as made:
            kept = {key for (key,) in made.execute("SELECT key FROM kept")}
        made.close()
    errors = Counter(note for note in notes if note.startswith("error"))
    committed = [note for note in notes if not note.startswith("error")]
    lost = [key for key in committed if key not in kept]
    return {
        "mmap_size": mapped,
        "sqlite": sqlite3.sqlite_version,
        "killed": killed,
        "committed": len(committed),
        "lost": len(lost),
        "errors": errors,
    }


def kill_writers(path: Path, said: Path, mapped: int, seconds: float) -> int:
    commands = [
        [sys.executable, "-m", "bench.commits", "--write", str(path), str(said), str(threads), str(mapped)]
        for threads in THREADS
    ]
    writers = [subprocess.Popen(command) for command in commands]
    killed, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(random.uniform(0, 0.6))
        victim = random.randrange(len(writers))
        end_at_once(writers[victim])
        writers[victim] = subprocess.Popen(commands[victim])
        killed += 1
    for writer in writers:
        end_at_once(writer)
    return killed


def end_at_once(writer: "subprocess.Popen[bytes]") -> None:
    writer.kill()
    writer.wait()


def write_for_ever(path: Path, said: Path, threads: int, mapped: int) -> None:
    log = os.open(said, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number in range(threads):
        threading.Thread(target=write, args=(path, log, mapped, f"{os.getpid()}-{number}"), daemon=True).start()
    threading.Event().wait()


def write(path: Path, log: int, mapped: int, name: str) -> None:
    number = 0
    while True:
        number += 1
        try:
            opened = connect(path, mapped)
            opened.execute("INSERT INTO kept VALUES (?, ?)", (f"{name}-{number}", "x" * random.choice((50, 3000))))
            os.write(log, f"{name}-{number}\n".encode())
            opened.close()
        except sqlite3.Error as error:
            os.write(log, f"error: {error}\n".encode())
        time.sleep(random.uniform(0, 0.02))


def connect(path: Path, mapped: int) -> sqlite3.Connection:
    opened = sqlite3.connect(path, timeout=20, isolation_level=None)
    for command in ("journal_mode=WAL", "synchronous=NORMAL", f"mmap_size={mapped}"):
        opened.execute(f"PRAGMA {command}")
    return opened


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.commits", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each of both (default: %(default)s)")
    parser.add_argument("--write", nargs=4, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
