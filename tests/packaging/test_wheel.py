"""The built wheels: the store's holds what it needs besides Python, the SDK's nothing that an author does not need."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = "gptstore/web/docs/text/"
ROOMS = ("bundle", "cli", "dev", "form", "intake", "locale", "project", "render", "static", "wheels")
"""What only the command uses, and the store."""

LEAVE_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheels are built from."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("gptstore", "worker", "harness", "bench", "tests", "requirements"):
        shutil.copytree(ROOT / name, folder / name, ignore=LEAVE_OUT)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


def build(source: Path, target: Path) -> zipfile.ZipFile:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, f"--wheel-dir={target}", str(source)], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(target.glob("*.whl")))


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return build(source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdk_wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return build(source / "gptstore" / "sdk", tmp_path_factory.mktemp("sdk"))


def files_of(*packages: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for package in packages
        for path in (ROOT / package).rglob("*")
        if path.is_file()
        and not {"__pycache__", "build"} & set(path.relative_to(ROOT).parts)
        and not any(part.endswith(".egg-info") for part in path.parts)
        and ("templates" in path.parts or (path.suffix != ".md" and path.name != "pyproject.toml"))
    }


def test_both_together_hold_every_file_that_the_packages_hold(
    wheel: zipfile.ZipFile, sdk_wheel: zipfile.ZipFile
) -> None:
    expected = files_of("gptstore", "worker")

    assert {"gptstore/sdk/py.typed", "worker/bundled_model/model.safetensors"} <= expected
    assert expected - {*wheel.namelist(), *sdk_wheel.namelist()} == set()


def test_the_attributions_travel_with_the_weights(wheel: zipfile.ZipFile) -> None:
    assert {"worker/bundled_model/README.md", "worker/bundled_model/LICENSES.txt"} <= set(wheel.namelist())


def test_the_sdk_is_small_and_nothing_of_it_is_in_the_other(wheel: zipfile.ZipFile, sdk_wheel: zipfile.ZipFile) -> None:
    held = {name for name in sdk_wheel.namelist() if not name.startswith("gptstore_sdk-0.1.0.dist-info/")}

    assert held == files_of("gptstore/sdk")
    assert not held & set(wheel.namelist())
    of_the_command = tuple(f"gptstore/sdk/{room}/" for room in ROOMS)
    files = sdk_wheel.infolist()
    assert sum(file.compress_size for file in files) < 460_000
    assert sum(file.compress_size for file in files if not file.filename.startswith(of_the_command)) < 160_000


def test_the_sdk_needs_three_packages_alone(sdk_wheel: zipfile.ZipFile) -> None:
    needed = [line.split(">")[0] for line in requirements(sdk_wheel) if "extra ==" not in line]

    assert sorted(needed) == ["pluggy", "pydantic", "regex"]


def requirements(wheel: zipfile.ZipFile) -> list[str]:
    metadata = wheel.read(next(name for name in wheel.namelist() if name.endswith("/METADATA"))).decode()
    return [line.removeprefix("Requires-Dist: ") for line in metadata.splitlines() if line.startswith("Requires-Dist")]


def test_it_holds_the_documentation_that_the_site_shows(wheel: zipfile.ZipFile) -> None:
    held = {name.removeprefix(TEXT) for name in wheel.namelist() if name.startswith(TEXT)}

    assert held == {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*") if path.is_file()}


def test_the_site_reads_it_from_where_it_is_installed(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    # Given the site's part of the wheel, unpacked as pip would
    wheel.extractall(tmp_path, [name for name in wheel.namelist() if name.startswith("gptstore/")])
    # When a process that finds it first reads the documentation
    code = "import django; django.setup(); from gptstore.web.docs.library import library, PLACES, find_folder\n"
    code += "print(find_folder(PLACES), len(library().pages))"
    settings = {"GPTSTORE_SECRET_KEY": "x" * 60, "GPTSTORE_VAR": str(tmp_path / "var")}
    environment = {**os.environ, **settings, "PYTHONPATH": str(tmp_path), "DJANGO_SETTINGS_MODULE": "gptstore.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    # Then every page is there
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / TEXT.rstrip("/")), str(len([*(ROOT / "docs").rglob("*.md")]))]


def test_it_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0] for name in wheel.namelist()} == {"gptstore", "worker", "gptstore-0.1.0.dist-info"}


def test_its_base_is_the_sdk_and_its_extras_are_the_roles(wheel: zipfile.ZipFile) -> None:
    needed = requirements(wheel)

    assert [line for line in needed if "extra ==" not in line] == ["gptstore-sdk==0.1.0"]
    assert any(line.startswith("torch") and 'extra == "worker"' in line for line in needed)
    assert not any(line.startswith("torch") and 'extra == "web"' in line for line in needed)


def test_every_plugin_in_the_repository_is_installable() -> None:
    for path in ROOT.glob("plugins/*/pyproject.toml"):
        project = tomllib.loads(path.read_text())["project"]
        assert ("gptstore" in project.get("entry-points", {})) == (path.parent.name != "base_model_aids"), path
