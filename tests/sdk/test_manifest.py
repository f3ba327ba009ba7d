"""A plugin as data: made from code, kept as JSON, and the same after the way there and back."""

import json
import random
import string
from collections.abc import Callable
from enum import Enum
from importlib.metadata import distribution
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import pytest

from gptstore.sdk import Context, Example, Field, LongText, Manifest, Tool, ToolManifest, tool
from gptstore.sdk.limits import LIMITS
from gptstore.sdk.output import OutputKind
from gptstore.sdk.package import read_package

Install = Callable[..., Path]


class Tone(Enum):
    WARM = "warm"


@tool(
    title="Letters",
    category="office",
    tags=("mail", "lettre à"),
    output="markdown",
    max_seconds=90,
    max_memory_mb=64,
    max_output_bytes=20_000,
    max_model_tokens=5_000,
    max_log_lines=20,
    network=True,
    examples=[Example("Short", {"text": "“Grüße”\n世界 😀", "size": 2})],
)
def write_letter(
    ctx: Context,
    text: Annotated[LongText, Field(min_length=1, placeholder="Paste…", pattern=r"\S")],
    size: Annotated[int | None, Field(ge=1, description="Pages")] = None,
    tone: Tone = Tone.WARM,
) -> str:
    """Write a letter.

    With a greeting.
    """
    return text


def test_a_tool_becomes_data() -> None:
    manifest = ToolManifest.from_tool(write_letter)

    assert manifest.slug == "write-letter"
    assert manifest.tags == ["mail", "lettre à"]
    assert manifest.description == "With a greeting."
    assert (manifest.max_seconds, manifest.max_memory_mb, manifest.max_output_bytes) == (90, 64, 20_000)
    assert (manifest.max_model_tokens, manifest.max_log_lines, manifest.network) == (5_000, 20, True)
    assert manifest.input_schema == write_letter.input_schema
    assert manifest.examples == [Example("Short", {"text": "“Grüße”\n世界 😀", "size": 2})]
    assert json.loads(manifest.model_dump_json())["examples"] == [
        {"title": "Short", "input": {"text": "“Grüße”\n世界 😀", "size": 2}}
    ]


def test_a_plugin_becomes_data(install: Install) -> None:
    install(
        "test-letters",
        "",
        version="1.2rc1",
        metadata="""\
            Summary: Writes
              letters
            Author-email: Ada Lovelace <ada@example.org>
            License-Expression: Apache-2.0
            Project-URL: Homepage, https://example.org/letters
            """,
    )

    manifest = Manifest.from_plugin(distribution("test-letters"), [write_letter])

    assert manifest.model_dump(mode="json", exclude={"tools"}) == {
        "schema_version": 1,
        "name": "test-letters",
        "version": "1.2rc1",
        "summary": "Writes letters",
        "author": "Ada Lovelace",
        "license": "Apache-2.0",
        "homepage": "https://example.org/letters",
    }
    assert [tool.slug for tool in manifest.tools] == ["write-letter"]


ANNOTATIONS: list[tuple[Any, Any]] = [
    (str, 'é"\\\n\t\x7f'),
    (LongText, ""),
    (Annotated[int, Field(ge=-5, le=10**12)], -5),
    (Annotated[float, Field(gt=-1.5, title="Größe", examples=[0.1, 1e-9])], 1e-300),
    (bool, True),
    (Literal["a", "中", "😀"], "中"),
    (Tone, Tone.WARM),
    (list[str], ["", "\u2028"]),
    (str | None, None),
    (Annotated[list[str] | None, Field(max_length=3, description="x" * 400)], ["a"]),
]


def random_tool(rng: random.Random) -> Tool:
    def text(length: int) -> str:
        return "".join(rng.choices(string.printable.strip() + "äé中😀“”", k=length))

    def function(ctx: Context) -> str:
        return ""

    chosen = rng.sample(ANNOTATIONS, rng.randint(0, len(ANNOTATIONS)))
    namespace: dict[str, Any] = {"Context": Context}
    parameters = []
    for index, (annotation, default) in enumerate(chosen):
        namespace |= {f"annotation_{index}": annotation, f"default_{index}": default}
        parameters.append(f"input_{index}: annotation_{index} = default_{index}")
    exec(f"def function({', '.join(['ctx: Context', *parameters])}): pass", namespace)  # noqa: S102
    output = rng.choice([*OutputKind])
    return Tool(
        namespace["function"],
        title=text(20),
        summary=text(50),
        tags=[text(5) for _ in range(rng.randint(0, 3))],
        output=output,
        language="python" if output == "code" else None,
        **{limit: rng.choice([None, kind.least, 10**9]) for limit, kind in LIMITS.items()},
        examples=[Example(text(9), {}) for _ in range(rng.randint(0, 2))],
    )


@pytest.mark.parametrize("seed", range(40))
def test_any_manifest_is_the_same_after_a_round_trip_through_json(seed: int) -> None:
    rng = random.Random(seed)
    tools = [ToolManifest.from_tool(random_tool(rng)) for _ in range(rng.randint(0, 3))]
    manifest = Manifest(name=f"plugin-{seed}", version="1.0", summary="“Ü” 中", tools=tools)

    as_json = manifest.model_dump_json()

    assert Manifest.model_validate_json(as_json) == manifest
    assert Manifest.model_validate(json.loads(json.dumps(manifest.model_dump(mode="json")))) == manifest
    assert Manifest.model_validate_json(as_json).model_dump_json() == as_json


def test_a_manifest_from_before_runs_had_limits_is_still_read() -> None:
    old = ToolManifest.from_tool(write_letter).model_dump(exclude={*LIMITS})

    read = ToolManifest.model_validate(old)

    assert [getattr(read, limit) for limit in LIMITS] == [None] * 6


def test_a_manifest_of_another_version_or_with_unknown_keys_is_refused() -> None:
    good = {"name": "a", "version": "1", "tools": []}

    for change in ({"schema_version": 2}, {"colour": "red"}):
        with pytest.raises(pydantic.ValidationError):
            Manifest.model_validate(good | change)
    assert Manifest.model_validate(good).schema_version == 1


@pytest.mark.parametrize(
    ("metadata", "field", "expected"),
    [
        ("Author: Ada", "author", "Ada"),
        ("Author: UNKNOWN\nMaintainer: Grace", "author", "Grace"),
        ("Author-email: ada@example.org", "author", "ada@example.org"),
        ("Maintainer-email: Grace Hopper <grace@example.org>", "author", "Grace Hopper"),
        ("", "author", ""),
        ("License: MIT", "license", "MIT"),
        ("License: MIT License\n        \n        Copyright somebody", "license", "MIT License"),
        ("License: x\nLicense-Expression: MIT", "license", "MIT"),
        ("Home-page: https://example.org", "homepage", "https://example.org"),
        ("Project-URL: Source, https://example.org/src", "homepage", "https://example.org/src"),
        (
            "Project-URL: homepage,https://example.org/a\nHome-page: https://b.example",
            "homepage",
            "https://example.org/a",
        ),
        ("Home-page: javascript:alert(1)", "homepage", ""),
        ("Project-URL: Homepage, javascript:alert(1)\nHome-page: https://b.example", "homepage", "https://b.example"),
    ],
)
def test_the_package_metadata_is_read_in_both_spellings(
    install: Install, metadata: str, field: str, expected: str
) -> None:
    install("test-package", "", metadata=metadata + "\n")

    assert read_package(distribution("test-package"))[field] == expected  # type: ignore[literal-required]
