"""Requirements that exclude each other: who needs what, and what can be done, in place of uv's derivation."""

import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from gptstore.sdk.intake import wheels
from gptstore.sdk.project.reading import read_project
from gptstore.sdk.wheels.conflict import AVAILABLE, FLEET, PLATFORM, PLUGIN, Conflict, read_conflict
from gptstore.sdk.wheels.uv import find_uv
from tests.authors.projects import write_project

PACKAGES: dict[str, tuple[Sequence[str], str]] = {
    "fruit-1.0": ((), ""),
    "fruit-2.0": ((), ""),
    "fruit-3.0": ((), ""),
    "jam-1.0": (("fruit>=2",), ""),
    "jam-1.1": (("fruit>=2.5",), ""),
    "pie-1.0": (("fruit<2",), ""),
    "cake-1.0": (("jam",), ""),
    "both-1.0": (("fruit<2", "pydantic>=2"), ""),
    "late-1.0": ((), ">=3.14"),
    "old-1.0": (("pydantic<2",), ""),
    "before-1.0": (("gptstore-sdk<0.1",), ""),
    "pydantic-1.0": ((), ""),
    "pydantic-2.9": ((), ""),
    "gptstore_sdk-0.5": (("pydantic>=2",), ""),
}


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("links")
    for stem, (requires, python) in PACKAGES.items():
        name, version = stem.split("-")
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {one}" for one in requires] + ([f"Requires-Python: {python}"] if python else [])
        info = f"{stem}.dist-info"
        with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{info}/METADATA", "\n".join(lines) + "\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    return folder


def conflict_of(links: Path, *requires: str) -> Conflict | None:
    command = [find_uv(), "pip", "compile", "--no-index", f"--find-links={links}", "--python-version=3.11", "-"]
    done = subprocess.run(command, input="\n".join(requires), capture_output=True, text=True, cwd=links)
    assert done.returncode, "it can be resolved"
    return read_conflict(done.stderr, "3.11")


CONFLICTS = {
    ("fruit<2", "jam"): ("fruit", {("<2", PLUGIN), (">=2", "jam"), (">=2.5", "jam")}, "allow fruit>=2"),
    ("jam", "pie"): ("fruit", {("<2", "pie"), (">=2", "jam"), (">=2.5", "jam")}, "choose other versions of"),
    ("cake", "pie"): ("fruit", {("<2", "pie"), (">=2", "jam"), (">=2.5", "jam")}, "choose other versions of"),
    ("jam", "both"): ("fruit", {("<2", "both"), (">=2", "jam"), (">=2.5", "jam")}, "choose other versions of"),
    ("fruit>4",): ("fruit", {(">4", PLUGIN), ("<=3.0", AVAILABLE)}, "change it in pyproject.toml"),
    ("late",): ("Python", {(">=3.14", "late"), ("==3.11", PLATFORM)}, "choose another version of late"),
    ("gptstore-sdk>=9",): ("gptstore-sdk", {(">=9", PLUGIN), ("==0.5", FLEET)}, "change it in pyproject.toml"),
    ("gptstore-sdk", "pydantic<2"): ("pydantic", {("<2", PLUGIN), (">=2", "gptstore-sdk")}, "allow pydantic>=2"),
    ("gptstore-sdk", "old"): ("pydantic", {("<2", "old"), (">=2", "gptstore-sdk")}, "choose another version of old"),
    ("fruit>=2", "fruit<2"): ("fruit", {(">=2", PLUGIN), ("<2", PLUGIN)}, "ask for fruit once"),
}


@pytest.mark.parametrize("requires", CONFLICTS)
def test_it_says_who_needs_what_and_the_mend(links: Path, requires: Sequence[str]) -> None:
    package, needs, mend = CONFLICTS[requires]

    found = conflict_of(links, *requires)

    assert found is not None and found.package == package
    assert {(need.versions, need.asker) for need in found.needs} == needs
    assert mend in found.mend
    lines = found.table().splitlines()
    assert lines[0].split() == ["needs", package, "who", "asks"] and len(lines) == 1 + len(needs)


def test_what_is_missing_is_no_conflict(links: Path) -> None:
    assert conflict_of(links, "nothing-like-it") is None


def test_the_check_of_a_project_names_those_who_ask_at_the_line_of_one(
    links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_FIND_LINKS", str(links))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setattr(wheels, "sdk_requirements", list)
    project = read_project(write_project(tmp_path / "acme", requires=["fruit<2", "jam"]))

    [problem] = wheels.find_problems(project, offline=True)

    assert (problem.rule, problem.severity) == ("dependency-clash", "error")
    assert {*problem.needs} == {("<2", PLUGIN), (">=2", "jam"), (">=2.5", "jam")}
    assert "for any platform of the fleet no version of fruit suits all" in problem.message
    assert "we can conclude" not in str(problem)
    assert "fruit<2" in project.text.splitlines()[problem.line - 1]


def test_a_requirement_that_is_hostile_takes_no_time() -> None:
    assert read_conflict(f"Because only fruit{'>=1' * 5000} is there and you require fruit, we can conclude") is None
