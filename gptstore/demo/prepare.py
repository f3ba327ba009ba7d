"""Runs `gptstore.demo.seed` and shows its progress."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from gptstore.demo.console import Step
from gptstore.demo.credentials import Summary
from gptstore.demo.errors import DiedEarly
from gptstore.demo.paths import ROOT


def prepare_site(kept: Summary, environment: Mapping[str, str], log: Path) -> Summary:
    """Bring database, static files and catalogue up to date. Return the summary with the admin's sign-in.

    Raises DiedEarly when that fails.
    """
    answer: dict[str, dict[str, str]] = {}
    with Step("Database and catalogue") as step, log.open("w+") as errors:
        with subprocess.Popen(
            [sys.executable, "-m", "gptstore.demo.seed"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        ) as seeding:
            try:
                assert seeding.stdin and seeding.stdout
                json.dump(asdict(kept), seeding.stdin)
                seeding.stdin.close()
                for line in seeding.stdout:
                    message = json.loads(line)
                    step.note = message.get("step") or message["note"]
                    answer = message if "account" in message else answer
            except BaseException:
                seeding.terminate()
                raise
        if seeding.returncode or not answer:
            raise DiedEarly(f"The database could not be prepared.\n\n{log.read_text()}\nAll of it: {log}")
    account = answer["account"]
    return replace(kept, username=account["username"], password=account["password"], api_key=account["api_key"])
