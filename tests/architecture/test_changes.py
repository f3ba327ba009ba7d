"""CONTRIBUTING.md says which files a change touches. Two changes are made in a scratch copy, by its table alone."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_FILES = 5
Edits = dict[str, list[tuple[str, str]]]
"""For each file: before which text, which has to be there once, to put what."""

CARD_FIELD: Edits = {
    "gptstore/sdk/tools.py": [
        ("    network: bool\n", "    difficulty: str\n"),
        ("        self.network = ", '        self.difficulty = options.get("difficulty", "")\n'),
    ],
    "gptstore/sdk/manifest.py": [("    network: bool = False\n", '    difficulty: str = ""\n')],
    "gptstore/catalog/models.py": [
        ("    input_schema = ", '    difficulty = models.CharField(max_length=20, default="", blank=True)\n')
    ],
    "gptstore/catalog/serialize.py": [("    input_schema: ", "    difficulty: str\n")],
    "gptstore/web/catalog/templates/catalog/card.html": [("</article>", "<span>{{ tool.difficulty }}</span>")],
}
IMAGES = """\
IMAGES = LimitKind(
    "max_images", "image", "GPTSTORE_TOOL_IMAGES", "image", default=10, phrase="draw {}", description="Images."
)
"""
LIMIT: Edits = {
    "gptstore/sdk/limits.py": [("LIMITS = {", IMAGES), ("SECONDS, MEMORY, DISK, OUTPUT,", "IMAGES, ")],
    "gptstore/sdk/tools.py": [("    max_log_lines: int | None\n", "    max_images: int | None\n")],
    "gptstore/env.py": [
        ("    operator_hooks: Names", '    tool_images: PositiveInt = Field(10, description="Images of a run.")\n')
    ],
}
SETTINGS = """
from gptstore.settings import *
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
"""
LOOK = """
import json
import django
django.setup()
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from gptstore.catalog.models import Tool
from gptstore.catalog.sync import store_tools
from gptstore.sdk import Context, tool
from gptstore.sdk.manifest import ToolManifest
from worker.jobs.limits import limits_of

@tool(title="Sketch", {options})
def sketch(ctx: Context, text: str) -> str:
    "Draw a sketch."
    return text

call_command("makemigrations", "catalog")
call_command("migrate")
described = ToolManifest.from_tool(sketch).model_dump(mode="json")
store_tools({{"name": "acme-sketch", "version": "1", "author": "Acme", "tools": [described]}}, None)
row, client = Tool.objects.get(), Client()
client.force_login(get_user_model().objects.create_superuser("root"))
print(json.dumps({{
    "card": client.get("/").content.decode(),
    "admin": client.get(f"/admin/catalog/tool/{{row.pk}}/change/").content.decode(),
    "api": client.get("/api/v1/tools/sketch").json(),
    "limits": {{kind.name: [limit.most, limit.message] for kind, limit in limits_of(row, settings.ENV).items()}},
}}))
"""


def table() -> dict[str, set[str]]:
    """Return the files that CONTRIBUTING.md names for each change."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("### To add something")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|`]+) \| (.+) \|$", page, re.MULTILINE)
    return {change: set(re.findall(r"`((?:[\w-]+/)+[\w.-]+)`", files)) for change, files in rows if files.count("`")}


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A copy of the site and the worker, without the weights."""
    for room in ("gptstore", "worker"):
        ignored = shutil.ignore_patterns("__pycache__", "*.safetensors", "*.egg-info", "build", "text")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    (tmp_path / "scratch_settings.py").write_text(SETTINGS)
    return tmp_path


def change(scratch: Path, edits: Edits) -> None:
    for name, additions in edits.items():
        text = (scratch / name).read_text(encoding="utf-8")
        for place, addition in additions:
            assert text.count(place) == 1, f"{name} has no longer one {place!r}"
            text = text.replace(place, addition + place)
        (scratch / name).write_text(text, encoding="utf-8")


def run(scratch: Path, code: str) -> str:
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(scratch),
        "DJANGO_SETTINGS_MODULE": "scratch_settings",
        "GPTSTORE_SECRET_KEY": "x" * 60,
        "GPTSTORE_VAR": str(scratch / "var"),
        "GPTSTORE_ALLOWED_HOSTS": "testserver",
        "GPTSTORE_LOG_LEVEL": "WARNING",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=scratch, env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def look(scratch: Path, options: str) -> dict[str, object]:
    """Return what the site and a worker show of a tool with these options."""
    found: dict[str, object] = json.loads(run(scratch, LOOK.format(options=options)).splitlines()[-1])
    return found


def test_every_file_that_the_table_names_is_there() -> None:
    changes = table()

    assert len(changes) == 10
    assert [name for files in changes.values() for name in files if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    "addition", ["a kind of output", "a sampling parameter", "a field of the card", "a limit of a run"]
)
def test_few_files_have_to_be_touched(addition: str) -> None:
    assert 0 < len(table()[addition]) <= MAX_FILES


def test_a_field_of_the_card_arrives_on_page_and_api(scratch: Path) -> None:
    # Given a field that is added in the files of the table
    assert set(CARD_FIELD) == table()["a field of the card"]
    change(scratch, CARD_FIELD)
    # When a tool has it
    found = look(scratch, 'difficulty="for experts"')
    # Then people and programs see it
    assert "<span>for experts</span>" in str(found["card"])
    assert dict(found["api"])["difficulty"] == "for experts"  # type: ignore[call-overload]


def test_a_limit_arrives_on_page_and_api_and_at_the_worker(scratch: Path) -> None:
    # Given a limit that is added in the files of the table, but for where it is enforced
    assert set(LIMIT) < table()["a limit of a run"]
    change(scratch, LIMIT)
    # When a tool has it
    found = look(scratch, "max_images=3")
    # Then admins, programs and the worker know it, and who can allow more
    assert "max_images" in str(found["admin"])
    assert dict(found["api"])["limits"]["max_images"] == 3  # type: ignore[call-overload]
    most, message = dict(found["limits"])["max_images"]  # type: ignore[call-overload]
    assert (most, "draw 3 images" in message, "its author (max_images)" in message) == (3, True, True)
