"""The rules of intake by themselves: what they find, and what they leave alone."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from packaging.requirements import Requirement
from pydantic import BaseModel, Field

from gptstore.sdk.answer import answer_schema
from gptstore.sdk.call import Call
from gptstore.sdk.intake.built_in import BUILT_IN
from gptstore.sdk.intake.example_answers import ExampleModel, make_value
from gptstore.sdk.intake.files import fault_of, files_below, leftover_of
from gptstore.sdk.intake.fleet import STORE_REQUIREMENTS
from gptstore.sdk.intake.names import find_package_problems
from gptstore.sdk.intake.secrets import find_secrets
from gptstore.sdk.plugins import load_plugins
from gptstore.sdk.project.reading import read_project

ROOT = Path(__file__).parents[2]


def test_the_requirements_of_the_store_are_those_of_its_files() -> None:
    lines = [line.partition("#")[0].strip() for name in ("web", "worker") for line in read_requirements(name)]
    bounded = {line for line in lines if line and Requirement(line).specifier}

    assert {*STORE_REQUIREMENTS} == bounded - {"py3langid>=0.4"}, "less what only a built-in plugin needs"


def read_requirements(role: str) -> list[str]:
    return (ROOT / "requirements" / f"{role}.in").read_text(encoding="utf-8").splitlines()


def test_the_built_in_plugins_and_their_slugs_are_those_of_this_repository() -> None:
    installed = {read_project(path.parents[1]).name for path in ROOT.glob("plugins/*/gptstore_*/tool.py")}
    loaded = {
        plugin.name: tuple(tool.slug for tool in plugin.tools) for plugin in load_plugins(names=installed).plugins
    }

    assert {*loaded} == installed
    assert loaded.items() <= BUILT_IN.items()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("gptstore-summariser", "gptstore-summarizer"),
        ("gptstore-sumarizer", "gptstore-summarizer"),
        ("gptstore-translatro", "gptstore-translator"),
        ("gptstore-code_writter", "gptstore-code-writer"),
        ("gptstore-codewriter", "gptstore-code-writer"),
        ("gptstor-qa", "gptstore-qa"),
        ("gptstore--qa", None),
        ("gptstore-sdkk", "gptstore-sdk"),
        ("gptstore-base-model-aid", "gptstore-base-model-aids"),
        ("gptstore-rewriter", None),
        ("gptstore-waiter", None),
        ("gptstore-qc", None),
        ("gptstore-sql", None),
        ("acme-summarizer", None),
        ("gptstore-my-summarizer", None),
        ("gptstore-translator", None),
    ],
)
def test_a_name_that_looks_like_one_of_ours_is_found_and_no_other(name: str, other: str | None) -> None:
    found = [problem.message for problem in find_package_problems(name)]

    assert found == ([f"the package's name {name} is easily mistaken for {other}"] if other else [])


@pytest.mark.parametrize(
    "line",
    [
        "KEY = 'AKIAIOSFODNN7EXAMPLE'",
        "key = 'sk-your-key-here'",
        "TOKEN = 'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'",
        "url = 'postgres://user:password@db.example.org/name'",
        "url = f'postgres://{user}:{password}@db.example.org/name'",
        "HEADER = '-----BEGIN PRIVATE KEY-----'",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "PREFIX = 'gs_'",
        "see https://docs.example.org/a:b@c",
    ],
)
def test_what_only_stands_for_a_secret_is_none(tmp_path: Path, line: str) -> None:
    (tmp_path / "file").write_text(f"{line}\n", encoding="utf-8")

    assert [*find_secrets(tmp_path / "file")] == []


def test_a_secret_is_found_at_its_line_once(tmp_path: Path) -> None:
    key = "gs_" + "q7Zp2LxVtB9nKwR4sYcJ8mHdGf3TaEuX6iPo5CvN"
    (tmp_path / "file").write_text(f"\n\nfirst = '{key}', '{key}'\n\nsecond = '{key}'\n", encoding="utf-8")

    assert [*find_secrets(tmp_path / "file")] == [(3, "a key of a gptstore"), (5, "a key of a gptstore")]


def test_this_repository_has_no_secret() -> None:
    rooms = ("gptstore", "worker", "plugins", "tests/authors", "docs")
    paths = [path for room in rooms for path in (ROOT / room).rglob("*") if path.suffix in (".py", ".md", ".toml")]

    assert [path for path in paths if [*find_secrets(path)]] == []


@pytest.mark.parametrize(
    "name", ["acme/tool.py", "acme/.env.example", "acme/idea.txt", "acme/weights.pth", "acme/key.pem"]
)
def test_ordinary_files_are_fine(name: str) -> None:
    assert (fault_of(name), leftover_of(name)) == ("", "")


def test_what_programs_leave_behind_is_not_looked_at(tmp_path: Path) -> None:
    for name in (
        ".git/config",
        "__pycache__/a.pyc",
        "env/pyvenv.cfg",
        "acme.egg-info/PKG-INFO",
        "acme/tool.py",
        ".env",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path)] == [".env", "acme/tool.py"]


class Step(BaseModel):
    """One step."""

    what: str = Field(min_length=3, max_length=10)
    minutes: int = Field(gt=0, le=600, multiple_of=5)


class Recipe(BaseModel):
    """A model with what people put into theirs."""

    title: str = Field(min_length=70)
    kind: Literal["soup", "cake"]
    steps: Annotated[list[Step], Field(min_length=2)]
    heat: float = Field(ge=0.5, lt=3)
    notes: str | None
    day: str = Field(json_schema_extra={"format": "date"})
    rating: Literal[5] = 5
    tags: dict[str, int] = {}


class Tree(BaseModel):
    """A model that holds itself."""

    name: str
    children: list["Tree"]
    parent: "Tree | None" = None


@pytest.mark.parametrize("kind", [Step, Recipe])
def test_structured_output_is_made_from_its_schema(kind: type[BaseModel]) -> None:
    (text,) = ExampleModel().answer(Call("Which?", schema=answer_schema(kind)))

    assert kind.model_validate_json(text)


def test_a_schema_that_holds_itself_comes_to_an_end() -> None:
    assert len(json.dumps(make_value(answer_schema(Tree)))) < 10_000


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "minimum": 1, "multipleOf": 7}, 7),
        ({"type": "null"}, None),
        ({"enum": ["a", "b"]}, "a"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, None),
        ({"type": ["boolean", "null"]}, True),
    ],
)
def test_a_value_fits_its_schema(schema: dict[str, Any], value: object) -> None:
    assert make_value(schema) == value
