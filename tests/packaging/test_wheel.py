"""The built wheel holds what the store needs besides Python."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEAVE_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("gptstore", "worker", "requirements"):
        shutil.copytree(ROOT / name, source / name, ignore=LEAVE_OUT)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*build, f"--wheel-dir={target}", str(source)], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(target.glob("*.whl")))


def test_it_holds_every_file_that_the_packages_hold(wheel: zipfile.ZipFile) -> None:
    held = set(wheel.namelist())
    expected = {
        str(path.relative_to(ROOT))
        for package in ("gptstore", "worker")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md"
    }

    assert {"gptstore/sdk/py.typed", "worker/bundled_model/model.safetensors"} <= expected
    assert expected - held == set()


def test_it_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0] for name in wheel.namelist()} == {"gptstore", "worker", "gptstore-0.1.0.dist-info"}


def test_its_base_is_the_sdk_and_its_extras_are_the_roles(wheel: zipfile.ZipFile) -> None:
    metadata = wheel.read("gptstore-0.1.0.dist-info/METADATA").decode()
    needed = [line.removeprefix("Requires-Dist: ") for line in metadata.splitlines() if line.startswith("Requires-")]
    base = sorted(line.split(">")[0] for line in needed if "extra ==" not in line and not line.startswith("Requires-"))

    assert base == ["pluggy", "pydantic"]
    assert any(line.startswith("torch") and 'extra == "worker"' in line for line in needed)
    assert not any(line.startswith("torch") and 'extra == "web"' in line for line in needed)


@pytest.mark.parametrize("role", ["web", "worker", "dev"])
def test_pins_name_no_folder_and_no_machines_build(role: str) -> None:
    pins = (ROOT / "requirements" / f"{role}.txt").read_text()

    assert "/" not in pins.replace("pip-compile", "") and "--" not in pins
    assert "+" not in pins


def test_the_web_process_is_installed_without_torch() -> None:
    pins = (ROOT / "requirements/web.txt").read_text()

    assert "django==" in pins
    assert "torch" not in pins and "transformers" not in pins


def test_every_plugin_in_the_repository_is_installable() -> None:
    for path in ROOT.glob("plugins/*/pyproject.toml"):
        project = tomllib.loads(path.read_text())["project"]
        assert project["entry-points"]["gptstore"], path
