"""`make test`: every test on SQLite, then those that touch the database on PostgreSQL, in several processes each time.

With arguments, which are pytest's, one process runs what they choose. Says first what this machine lacks, and last
what failed. With GPTSTORE_REQUIRE_ALL=1, what is missing or skipped is a failure.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.chromium import find_chromium
from harness.postgres import find_programs, temporary_postgres

ROOT = Path(__file__).parent.parent
PLUGINS = ("nothing_skipped", "failures_last", "time_by_file")
NEEDED = {
    "Chromium": (find_chromium, "the browser tests are skipped", "apt install chromium"),
    "gettext": (lambda: shutil.which("xgettext"), "texts without translation go unseen", "apt install gettext"),
    "PostgreSQL": (find_programs, "no test runs against PostgreSQL", "apt install postgresql"),
}


def main() -> int:
    require_all = os.environ.get("GPTSTORE_REQUIRE_ALL") == "1"
    missing = say_what_is_missing()
    if missing and require_all:
        return 1
    with tempfile.NamedTemporaryFile(mode="r") as failures:
        variables = {"GPTSTORE_FAILURES": failures.name}
        if sys.argv[1:]:
            return run_pytest(sys.argv[1:], variables)
        later = [] if "PostgreSQL" in missing else ["-m", "not on_postgresql"]
        status = run_pytest([*side_by_side(), *later], variables)
        if "PostgreSQL" not in missing:
            status = run_on_postgresql(variables) or status
        print(failures.read(), end="", flush=True)
    return status


def run_on_postgresql(variables: dict[str, str]) -> int:
    print("\nThe database tests again, on PostgreSQL:", flush=True)
    with temporary_postgres() as url:
        chosen = [
            *side_by_side(),
            "-p",
            "tests.plugins.database_only",
            "-m",
            "not browser and (not slow or on_postgresql)",
        ]
        return run_pytest(chosen, {**variables, "GPTSTORE_DATABASE_URL": url})


def say_what_is_missing() -> list[str]:
    missing = [name for name, (find, _, _) in NEEDED.items() if find() is None]
    for name in missing:
        _, consequence, remedy = NEEDED[name]
        print(f"{name} is not on this machine: {consequence}. On Debian:  {remedy}", flush=True)
    return missing


def side_by_side() -> list[str]:
    """Many tests wait for processes and browsers, so two pay on any machine; each takes a gigabyte and more."""
    return ["-p", "tests.plugins.side_by_side", f"--numprocesses={min(4, max(2, os.cpu_count() or 1))}"]


def run_pytest(arguments: list[str], variables: dict[str, str]) -> int:
    plugins = [part for name in PLUGINS for part in ("-p", f"tests.plugins.{name}")]
    command = [sys.executable, "-m", "pytest", *plugins, *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}).returncode


if __name__ == "__main__":
    sys.exit(main())
