"""`python -m gptstore.sdk.describe`, in a process of its own as the site runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gptstore.sdk import Manifest

Install = Callable[..., Path]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def describe(site_folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def describe(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gptstore.sdk.describe", *arguments],
            env={**os.environ, "PYTHONPATH": f"{site_folder}{os.pathsep}{ROOT}", "PYTHONUTF8": "0", "LC_ALL": "C"},
            cwd=site_folder,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return describe


def of_tests(answer: str) -> dict[str, list[dict[str, Any]]]:
    """The part about this test's plugins; the developer's environment may have others."""
    described = json.loads(answer)
    assert list(described) == ["manifests", "broken"]
    return {
        "manifests": [manifest for manifest in described["manifests"] if manifest["name"].startswith("test-")],
        "broken": [broken for broken in described["broken"] if broken["plugin"].startswith("test-")],
    }


def test_it_prints_what_is_installed_and_what_is_broken(
    install: Install, greeter: str, describe: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    install("test-greeter", greeter.replace("Greet somebody", "Grüße, 世界"))
    install("test-broken", "import does_not_exist_anywhere")

    done = describe()

    described = of_tests(done.stdout)
    (manifest,) = described["manifests"]
    assert Manifest.model_validate(manifest).tools[0].summary == "Grüße, 世界."
    (broken,) = described["broken"]
    assert broken["plugin"] == "test-broken"
    assert "No module named 'does_not_exist_anywhere'" in broken["error"]
    assert "Traceback" in done.stderr
    assert done.returncode == 0


def test_only_json_reaches_stdout_however_a_plugin_prints(
    install: Install, greeter: str, describe: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    noise = """
        import atexit, os, subprocess, sys
        print("printed")
        os.write(1, b"written\\n")
        sys.__stdout__.write("through the back door\\n")
        subprocess.run(["echo", "from a child"])
        atexit.register(print, "at the end")
    """
    install("test-noisy", noise + greeter)

    done = describe()

    assert [manifest["name"] for manifest in of_tests(done.stdout)["manifests"]] == ["test-noisy"]
    for words in ("printed", "written", "from a child"):
        assert words in done.stderr


def test_a_thread_that_a_plugin_leaves_running_does_not_keep_it_alive(
    install: Install, greeter: str, describe: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    thread = """
        import threading
        threading.Thread(target=threading.Event().wait).start()
    """
    install("test-thread", thread + greeter)

    done = describe()

    assert [manifest["name"] for manifest in of_tests(done.stdout)["manifests"]] == ["test-thread"]


def test_it_reads_the_group_that_it_is_given(
    install: Install, greeter: str, describe: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    install("test-greeter", greeter)

    assert json.loads(describe("--group", "gptstore.nothing").stdout) == {"manifests": [], "broken": []}


def test_it_explains_itself(describe: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = describe("--help")

    assert done.returncode == 0
    assert "as JSON" in done.stdout
    assert "--group" in done.stdout
