"""What is installed is what the store requires, or it does not start and says what to run."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gptstore.requirements import check_versions
from harness.plugins import before_pythonpath, write_plugin
from scripts.requirements import FOLDER, constraints
from tests.worker.hosts.releases.wheels import make

ROOT = Path(__file__).resolve().parents[1]
Pretend = Callable[..., None]


@pytest.fixture
def pretend(tmp_path: Path) -> Pretend:
    """Let Python find this version of a package before the real one, as if pip had replaced it."""

    def pretend(name: str, version: str) -> None:
        described = tmp_path / f"{name}-{version}.dist-info"
        described.mkdir()
        (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")

    return pretend


def test_what_is_pinned_is_what_the_store_requires() -> None:
    check_versions()


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["manage.py", "doctor"],
        ["manage.py", "sync_tools"],
        ["-m", "worker"],
        ["-m", "gptstore.demo.seed"],
        ["-c", "import gptstore.asgi"],
    ],
)
def test_nothing_starts_with_a_package_that_a_plugin_replaced(
    pretend: Pretend, tmp_path: Path, command: list[str]
) -> None:
    # Given a plugin for whose sake pip has put an older Django here
    pretend("django", "5.1.3")
    write_plugin(tmp_path, "acme-old", "")
    (metadata,) = tmp_path.glob("acme_old-*/METADATA")
    metadata.write_text(f"{metadata.read_text()}Requires-Dist: Django<5.2\n", encoding="utf-8")
    # When something of the store starts
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": before_pythonpath(tmp_path, ROOT),
            "DJANGO_SETTINGS_MODULE": "gptstore.settings",
            "GPTSTORE_SECRET_KEY": "x" * 60,
            "GPTSTORE_VAR": str(tmp_path),
        },
        input='{"username": "", "password": "", "api_key": ""}',
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    # Then it does not, and says what is wrong, whose wish it was, and what to run
    assert done.returncode != 0
    said = done.stderr
    assert "django 5.1.3 is installed, the store needs django<5.3,>=5.2 (acme-old asks for Django<5.2)." in said
    assert f"Run `{sys.executable} -m pip install 'django<5.3,>=5.2'`" in said
    assert "-c requirements/constraints.txt" in said


@pytest.mark.parametrize(
    ("name", "version", "needed"),
    [
        ("pydantic", "1.10", "pydantic>=2.12"),
        ("torch", "2.0", "torch==2.13.0"),
        ("gptstore_sdk", "0.0.9", "gptstore-sdk==0.1.0"),
    ],
)
def test_the_packages_of_each_part_are_looked_at(
    pretend: Pretend, tmp_path: Path, name: str, version: str, needed: str
) -> None:
    pretend(name, version)
    code = "from gptstore.requirements import find_wrong; print(*(one.needed for one in find_wrong()))"
    environment = {**os.environ, "PYTHONPATH": before_pythonpath(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{needed}\n"


def test_the_constraints_are_the_pins_of_site_and_worker_without_hashes() -> None:
    text = (FOLDER / "constraints.txt").read_text()
    assert text == constraints(), "run `make requirements`"
    pins = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(pins) > 50
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in pins)
    names = [line.partition("==")[0] for line in pins]
    assert len(names) == len(set(names)), "site and worker have the same versions"


def test_with_the_constraints_pip_installs_no_plugin_that_replaces_a_package(tmp_path: Path) -> None:
    # Given a plugin that requires an older Django, and that Django
    make(tmp_path, "django", "5.1.3", {})
    make(tmp_path, "acme-old", "1", {"acme_old.py": ""}, ["django<5.2"])
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--find-links", str(tmp_path)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def install(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *options, "acme-old"], env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    # Then pip would replace it, and with the constraints it refuses
    assert "django-5.1.3" in install().stdout.lower()
    refused = install("-c", str(FOLDER / "constraints.txt"))
    assert refused.returncode != 0
    assert "django==5.2" in refused.stdout + refused.stderr
