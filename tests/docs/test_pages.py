"""The README and the guides: what they show runs, what they name exists, where they link to is there."""

import re
import runpy
import subprocess
from pathlib import Path

import pytest

from gptstore.jobs.errors import ErrorCode
from gptstore.sdk import Tool
from gptstore.sdk.testing import ScriptedModel, run

ROOT = Path(__file__).parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/**/*.md"),
    *ROOT.glob("plugins/*/README.md"),
    ROOT / "gptstore/sdk/README.md",
    ROOT / "worker/bundled_model/README.md",
]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tool_in_the_readme_runs_and_fits_in_twenty_lines(tmp_path: Path) -> None:
    code = re.findall(r"^```python\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)[0]
    (tmp_path / "headline_writer.py").write_text(code, encoding="utf-8")
    module = runpy.run_path(str(tmp_path / "headline_writer.py"))

    tool = module["headline"]
    assert isinstance(tool, Tool)
    model = ScriptedModel(replies=["Rain expected"])
    assert run(tool, model=model, article="It will rain.", tone="playful").output == "Rain expected"
    assert module["gptstore_tools"]() == [tool]
    assert len([line for line in code.splitlines() if line.strip()]) <= 20


def test_the_tool_in_the_readme_of_the_sdk_runs(tmp_path: Path) -> None:
    page = (ROOT / "gptstore/sdk/README.md").read_text(encoding="utf-8")
    code = re.findall(r"^```python\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)[0]
    (tmp_path / "headline.py").write_text(code, encoding="utf-8")
    module = runpy.run_path(str(tmp_path / "headline.py"))
    assert run(module["headline"], model=ScriptedModel(replies=["Rain expected"]), text="It will rain.").output
    assert module["gptstore_tools"]() == [module["headline"]]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`?make ([a-z-]+)", README))))
def test_every_make_target_that_the_readme_names_exists(target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_api_guide_explains_every_error_of_a_job() -> None:
    guide = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    table = guide.partition("| code | ")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == ErrorCode.values
