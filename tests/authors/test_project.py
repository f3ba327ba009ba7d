"""The folder of a plugin: what is read of its pyproject.toml, and its plugin, loaded without being installed."""

from pathlib import Path

import pytest

from gptstore.sdk.project.describe import describe_project
from gptstore.sdk.project.distribution import ProjectDistribution
from gptstore.sdk.project.errors import ProjectError
from gptstore.sdk.project.process import run_module
from gptstore.sdk.project.reading import read_project
from gptstore.sdk.project.toml_lines import find_line
from tests.authors.broken.plugin import CODE, Broken

FULL = """\
[build-system]
requires = ["setuptools"]

[project]
name = "Acme.Greeter"
version = "1.2.0"
description = "Greets"
authors = [{ name = "Ada Lovelace", email = "ada@example.org" }]
license = "MIT"
urls.Homepage = "https://acme.example"
dependencies = [
    "gptstore-sdk>=0.1",
    "httpx>=0.28",
]

[project.entry-points."gptstore"]
greeter = "acme_greeter.tool"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with its package below src, and all metadata that people see."""
    package = tmp_path / "src" / "acme_greeter"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "tool.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(FULL, encoding="utf-8")
    return tmp_path


def test_all_of_the_table_is_read(project: Path) -> None:
    found = read_project(project)

    assert (found.name, found.version) == ("Acme.Greeter", "1.2.0")
    assert found.entry_points == {"greeter": "acme_greeter.tool"}
    assert found.dependencies == ("gptstore-sdk>=0.1", "httpx>=0.28")
    assert (found.sources, found.packages) == (project / "src", ["acme_greeter"])
    assert found.module_file("acme_greeter.tool") == project / "src" / "acme_greeter" / "tool.py"


def test_it_is_described_as_if_it_were_installed(project: Path) -> None:
    found = describe_project(read_project(project))

    assert found.problem is None
    assert found.manifest is not None
    assert (found.manifest.name, found.manifest.author) == ("acme-greeter", "Ada Lovelace")
    assert (found.manifest.license, found.manifest.homepage) == ("MIT", "https://acme.example")
    assert [tool.slug for tool in found.manifest.tools] == ["greet"]
    assert found.lines == {"greet": (str(project / "src" / "acme_greeter" / "tool.py"), 4)}
    assert "acme_greeter.tool" in found.loaded and found.threads == []


def test_its_sources_come_before_a_version_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "installed"
    installed.mkdir()
    (installed / "acme_greeter.py").write_text("raise RuntimeError('the installed one')")
    monkeypatch.setenv("PYTHONPATH", str(installed))

    assert describe_project(read_project(Broken("greeter", "").write(tmp_path))).problem is None


def test_metadata_of_a_project_has_no_line_of_its_values() -> None:
    """A value with a line break must not become a field of its own."""
    folder = Path(__file__).parents[2] / "plugins" / "qa"
    found = read_project(folder)
    found.table["description"] = "Greets\nName: other"

    assert ProjectDistribution(found).metadata.get_all("Name") == ["gptstore-qa"]


def test_each_key_has_its_line() -> None:
    assert find_line(FULL, "project", "name") == 5
    assert find_line(FULL, "project", "urls") == 10
    assert find_line(FULL, "project", "dependencies", holding="httpx>=0.28") == 13
    assert find_line(FULL, "project", "entry-points", "gptstore", "greeter") == 17
    assert find_line(FULL, "project", "scripts") == 4, "the table, where the key is missing"
    assert find_line(FULL, "tool", "acme") == 1


def test_a_dynamic_version_is_no_mistake(project: Path) -> None:
    path = project / "pyproject.toml"
    path.write_text(FULL.replace('version = "1.2.0"', 'dynamic = ["version"]'), encoding="utf-8")

    assert read_project(project).dynamic == {"version"}


def test_a_file_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="there is no folder"):
        read_project(tmp_path / "nowhere")


def test_a_process_that_takes_too_long_is_ended_with_all_that_it_started(project: Path) -> None:
    children = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    (project / "src" / "acme_greeter" / "tool.py").write_text(children, encoding="utf-8")

    ending = run_module("gptstore.sdk.project.import_plugin", read_project(project), "60", seconds=2)

    assert (ending.status, ending.answer) == (None, b"")


def test_a_plugin_that_is_looked_at_sees_no_key(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTSTORE_API_KEY", "gs_marker")
    tool = project / "src" / "acme_greeter" / "tool.py"
    tool.write_text("import os\nraise RuntimeError(f'found {os.environ.get(\"GPTSTORE_API_KEY\")}')\n")

    found = describe_project(read_project(project))

    assert found.problem is not None and "found None" in found.problem.message
    assert "gs_marker" not in found.model_dump_json()
