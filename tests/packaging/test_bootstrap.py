"""`python3 bootstrap`: what makes the environment, alone, without installing anything."""

import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = ("pyproject.toml", "gptstore/sdk/pyproject.toml", "plugins/qa/pyproject.toml")
MODULES = ("command", "environment", "progress", "stamp")


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """bootstrap's modules, imported as `python3 bootstrap` does."""
    monkeypatch.syspath_prepend(str(ROOT / "bootstrap"))
    yield {name: __import__(name) for name in MODULES}
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("web.txt", "dev.txt", "bootstrap/x.py", *PROJECTS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('project.name = "x"')
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").symlink_to(sys.executable)
    return tmp_path


def stamp_of(modules: dict[str, ModuleType], project: Path) -> object:
    requirements = {"demo": [project / "web.txt"], "dev": [project / "web.txt", project / "dev.txt"]}
    return modules["stamp"].Stamp(project, modules["environment"].Environment(project / "venv"), requirements)


def test_what_was_made_for_tests_serves_the_demo_too(modules: dict[str, ModuleType], project: Path) -> None:
    stamp = stamp_of(modules, project)

    stamp.write("dev")

    assert stamp.covers("demo") and stamp.covers("dev")


def test_what_was_made_for_the_demo_does_not_serve_tests(modules: dict[str, ModuleType], project: Path) -> None:
    stamp = stamp_of(modules, project)

    stamp.write("demo")

    assert stamp.covers("demo") and not stamp.covers("dev")


@pytest.mark.parametrize("changed", ["web.txt", "bootstrap/x.py", *PROJECTS])
def test_a_changed_file_asks_for_a_new_installation(
    modules: dict[str, ModuleType], project: Path, changed: str
) -> None:
    stamp = stamp_of(modules, project)
    stamp.write("demo")

    (project / changed).write_text('project.name = "y"')

    assert not stamp.covers("demo")


def test_a_changed_lint_rule_asks_for_no_installation(modules: dict[str, ModuleType], project: Path) -> None:
    stamp = stamp_of(modules, project)
    stamp.write("demo")

    (project / "pyproject.toml").write_text('project.name = "x"\ntool.ruff.line-length = 99')

    assert stamp.covers("demo")


def test_another_python_asks_for_a_new_installation(modules: dict[str, ModuleType], project: Path) -> None:
    stamp = stamp_of(modules, project)
    stamp.write("demo")

    (project / "venv/bin/python").unlink()
    (project / "venv/bin/python").symlink_to("/bin/sh")

    assert not stamp.covers("demo")


def test_a_package_that_was_replaced_asks_for_a_new_installation(modules: dict[str, ModuleType], project: Path) -> None:
    # Given an environment that was made, with what is pinned
    (project / "web.txt").write_text("django==5.2.19\ntorch==2.13.0\ndate-like==2026.04.01 ; sys_platform == 'linux'\n")
    site = project / "venv/lib/python3.11/site-packages"
    for name in ("Django-5.2.19", "torch-2.13.0+cpu", "date_like-2026.4.1", "acme_tool-1"):
        (site / f"{name}.dist-info").mkdir(parents=True)
    stamp = stamp_of(modules, project)
    stamp.write("demo")
    assert stamp.covers("demo")
    # When pip replaces one for the sake of a plugin
    (site / "Django-5.2.19.dist-info").rename(site / "Django-5.1.3.dist-info")
    # Then the next start installs it again
    assert not stamp.covers("demo")
    environment = modules["environment"].Environment(project / "venv")
    assert environment.replaced([project / "web.txt"]) == ["django 5.1.3 instead of 5.2.19"]


def test_pip_in_the_environment_keeps_to_the_pins_by_itself(modules: dict[str, ModuleType], tmp_path: Path) -> None:
    # Given an environment in a folder with a space
    home = tmp_path / "a store"
    venv.EnvBuilder(symlinks=True).create(home)
    environment = modules["environment"].Environment(home)
    environment.constrain(modules["command"].CONSTRAINTS)
    # When somebody installs into it what needs an older package of the store
    pip = [sys.executable, "-m", "pip", "--python", str(environment.python)]
    install = [*pip, "install", "--dry-run", "--no-index", "django<5.2"]
    done = subprocess.run(install, capture_output=True, text=True, timeout=60)
    # Then pip refuses, because of the pins
    assert done.returncode != 0
    assert "(constraint) django==5.2" in done.stdout + done.stderr


def test_a_half_installed_package_is_not_taken_for_installed(modules: dict[str, ModuleType], tmp_path: Path) -> None:
    site = tmp_path / "lib/python3.11/site-packages"
    for name in ("whole-1.dist-info", "half-1.dist-info", "~half"):
        (site / name).mkdir(parents=True)
    (site / "whole-1.dist-info/RECORD").touch()

    modules["environment"].Environment(tmp_path).discard_half_installed_packages()

    assert [path.name for path in site.iterdir()] == ["whole-1.dist-info"]


def test_a_folder_without_a_python_is_no_environment(modules: dict[str, ModuleType], tmp_path: Path) -> None:
    assert not modules["environment"].Environment(tmp_path).is_usable()


def test_every_package_but_torch_and_our_own_is_checked_by_its_hash(
    modules: dict[str, ModuleType], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an environment that writes down what pip is asked to install
    asked: list[list[str]] = []
    environment = modules["environment"].Environment(project / "venv")
    monkeypatch.setattr(type(environment), "is_usable", lambda self: True)
    monkeypatch.setattr(type(environment), "pip_install", lambda self, arguments, progress: asked.append(arguments))
    # When the tests' environment is made
    modules["command"].install(environment, stamp_of(modules, project), "dev")
    # Then pip takes the pins by their hashes, then torch by its version, then our own packages
    packages, torch, own = asked
    files = [str(ROOT / "requirements" / name) for name in ("worker.txt", "dev.txt")]
    assert packages == ["--require-hashes", "--no-deps", "-r", files[0], "-r", files[1]]
    assert len(torch) == 1 and re.fullmatch(r"torch==[\d.]+", torch[0])
    assert own[:2] == ["--no-deps", "--no-build-isolation"]
    assert set(own[2::2]) == {"--editable"} and all(Path(folder).is_relative_to(ROOT) for folder in own[3::2])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of bootstrap and of what it reads, in which it would make an environment."""
    home = tmp_path / "checkout"
    shutil.copytree(ROOT / "bootstrap", home / "bootstrap", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "requirements", home / "requirements")
    for project in PROJECTS:
        (home / project).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / project, home / project)
    return home


def test_the_environment_of_another_checkout_is_left_alone(checkout: Path, tmp_path: Path) -> None:
    # Given an environment with a Python that writes down what it is asked, and a checkout whose .venv is a link to it
    python = tmp_path / "other/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\necho True\n')
    python.chmod(0o755)
    (checkout / ".venv").symlink_to(tmp_path / "other")
    # When that checkout wants its environment
    command = [sys.executable, "bootstrap", "dev"]
    done = subprocess.run(command, cwd=checkout, env={"PATH": ""}, capture_output=True, text=True, timeout=60)
    # Then it is told what to do, and nothing is done there
    assert done.returncode == 1
    assert f"is a link to {tmp_path / 'other'}, outside of this checkout" in done.stderr
    assert "make VENV=" in done.stderr
    assert not (tmp_path / "asked").exists()
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["bin"]


@pytest.mark.parametrize(("venv", "target"), [("checkout/.venv", "checkout/venvs/3.11"), ("venv", "venv-3.11")])
def test_other_links_are_followed(
    modules: dict[str, ModuleType], checkout: Path, tmp_path: Path, venv: str, target: str
) -> None:
    (tmp_path / target).mkdir(parents=True)
    (tmp_path / venv).symlink_to(tmp_path / target)

    modules["environment"].Environment(tmp_path / venv).check_whose(checkout)


def test_pips_lines_become_a_count_and_a_size(
    modules: dict[str, ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    with modules["progress"].Progress("Packages", total=4) as progress:
        progress.read_pip("Collecting amqp==5.4.2 (from -r requirements/worker.txt (line 7))\n")
        progress.read_pip("Collecting amqp==5.4.2 (from celery)\n")
        progress.read_pip("Requirement already satisfied: attrs>=26 in ./site-packages (26.1.0)\n")
        progress.read_pip("Processing /some/folder/click_plugins-1.1.1.2-py2.py3-none-any.whl\n")

    assert "3 of 4" in capsys.readouterr().out


@pytest.mark.parametrize(("size", "warned"), [("2.1 GB", True), ("887.9 MB", True), ("191.8 MB", False)])
def test_a_huge_pytorch_comes_with_a_way_to_the_small_one(
    modules: dict[str, ModuleType], capsys: pytest.CaptureFixture[str], size: str, warned: bool
) -> None:
    with modules["progress"].Progress("PyTorch", hint="take the small one") as progress:
        progress.read_pip(f"  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl ({size})\n")

    assert ("take the small one" in capsys.readouterr().out) is warned


def test_an_old_python_is_told_what_it_lacks(tmp_path: Path) -> None:
    code = (
        "import runpy, sys; sys.version_info = (3, 9, 18, 'final', 0); "
        f"runpy.run_path({str(ROOT / 'bootstrap')!r}, run_name='__main__')"
    )

    done = subprocess.run([sys.executable, "-c", code], env={"PATH": str(tmp_path)}, capture_output=True, text=True)

    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr and "is 3.9" in done.stderr
