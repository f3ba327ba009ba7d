"""A tool's texts in several languages: in the declaration, and in the gettext catalogs of its package."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import polib
import pytest
from pydantic import BaseModel

from gptstore.sdk import Context, Example, Field, Manifest, Tool, ToolDefinitionError, ToolManifest, tool
from gptstore.sdk.errors import PluginError

SOURCE = '''
from gptstore.sdk import Context, tool

@tool(title="Toast", summary={"en": "Write a toast.", "de": "Schreibe einen Toast."})
def toast(ctx: Context, guest: str) -> str:
    """Write a toast.

    For weddings.
    And births.
    """
    return guest
'''


def say(ctx: Context, **inputs: Any) -> str:
    return ""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of this name, with the tool in a module of it."""
    folder = tmp_path / "toasting"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "tool.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "toasting"]:
        del sys.modules[name]


def write_catalog(package: Path, language: str, texts: dict[str, str]) -> Path:
    path = package / "locale" / language / "LC_MESSAGES" / "gptstore.mo"
    path.parent.mkdir(parents=True)
    catalog = polib.POFile()
    catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalog.extend(polib.POEntry(msgid=text, msgstr=other) for text, other in texts.items())
    catalog.save_as_mofile(str(path))
    return path


def toast_of(package: Path) -> Tool:
    found: Tool = importlib.import_module("toasting.tool").toast
    return found


def test_everything_that_people_read_may_be_in_several_languages() -> None:
    class Host(BaseModel):
        name: Annotated[str, Field(title={"en": "Name", "zh-Hans": "姓名"})]

    @tool(
        title={"en": "Toast", "zh-Hans": "祝酒词"},
        summary={"en": "Write a toast.", "zh-Hans": "写祝酒词。"},
        description={"en": "For weddings.", "zh-Hans": "用于婚礼。"},
        examples=[Example({"en": "A wedding", "zh-Hans": "婚礼"}, {"host": {"name": "Ada"}})],
    )
    def toast(
        ctx: Context,
        host: Host,
        mood: Annotated[
            Literal["warm", "dry"],
            Field(
                title={"en": "Mood", "zh-Hans": "语气"},
                description={"en": "How it sounds.", "zh-Hans": "听起来怎样。"},
                group={"en": "More", "zh-Hans": "更多"},
                labels={"warm": {"en": "Warm", "zh-Hans": "温馨"}},
            ),
        ] = "warm",
        guest: Annotated[str, Field(placeholder={"en": "Ada", "zh-Hans": "阿达"})] = "",
    ) -> str:
        """Not shown."""
        return mood

    assert (toast.title, toast.summary, toast.description) == ("Toast", "Write a toast.", "For weddings.")
    assert [example.title for example in toast.examples] == ["A wedding"]
    mood = toast.input_schema["properties"]["mood"]
    assert (mood["title"], mood["description"], mood["x-group"]) == ("Mood", "How it sounds.", "More")
    assert mood["x-labels"] == {"warm": "Warm"}
    assert toast.translations == {
        "zh-Hans": {
            "Toast": "祝酒词", "Write a toast.": "写祝酒词。", "For weddings.": "用于婚礼。", "A wedding": "婚礼",
            "Name": "姓名",
            "Mood": "语气", "How it sounds.": "听起来怎样。", "More": "更多", "Warm": "温馨", "Ada": "阿达",
        }
    }  # fmt: skip


def test_the_manifest_brings_them_along() -> None:
    @tool(title={"en": "Toast", "pt-BR": "Brinde"})
    def toast(ctx: Context) -> str:
        """Write a toast."""
        return ""

    manifest = Manifest(name="gptstore-toast", version="1", tools=[ToolManifest.from_tool(toast)])

    assert Manifest.model_validate_json(manifest.model_dump_json()).tools[0].translations == {
        "pt-BR": {"Toast": "Brinde"}
    }


def test_a_tool_in_one_language_has_no_translations() -> None:
    assert Tool(say_one).translations == {}


def say_one(ctx: Context, text: str) -> str:
    """Say it."""
    return text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ({"zh-Hans": "标题"}, 'needs one in English: {"en": …}, not zh-Hans'),
        ({}, "needs one in English"),
        ({"en": "Title", "zh_Hans": "标题"}, "'zh_Hans' is no code of a language"),
        ({"en": "Title", "chinese!": "标题"}, "'chinese!' is no code of a language"),
        ({"en": "Title", "de": " "}, "the text in 'de' must not be empty"),
    ],
)
def test_a_wrong_text_is_refused_wherever_it_stands(text: dict[str, str], problem: str) -> None:
    def shown(ctx: Context, mood: Annotated[str, Field(title=text)]) -> str:
        """Say it."""
        return mood

    for declare in (
        lambda: Tool(say_one, title=text),
        lambda: Tool(say_one, examples=[Example(text, {"text": "a"})]),
        lambda: Tool(shown),
    ):
        with pytest.raises(ToolDefinitionError) as raised:
            declare()
        assert problem in str(raised.value)


def test_labels_name_choices_only() -> None:
    def shown(ctx: Context, mood: Annotated[Literal["a", "b"], Field(labels={"c": "C"})]) -> str:
        """Say it."""
        return mood

    with pytest.raises(ToolDefinitionError, match="names 'c', which is none of the choices"):
        Tool(shown)


def test_catalogs_of_the_package_translate_what_the_code_does_not(package: Path) -> None:
    chinese = {"Toast": "祝酒词", "For weddings.\nAnd births.": "用于婚礼和新生儿。", "Guest": "客人"}
    write_catalog(package, "zh_Hans", chinese)
    write_catalog(package, "de", {"Write a toast.": "Im Katalog", "Guest": "Gast", "Unknown": "Unbekannt"})

    assert toast_of(package).translations == {
        "de": {"Write a toast.": "Schreibe einen Toast.", "Guest": "Gast"},
        "zh-Hans": chinese,
    }


def test_a_broken_catalog_is_named(package: Path) -> None:
    write_catalog(package, "de", {"Toast": "Toast"}).write_bytes(b"no catalog")

    with pytest.raises(PluginError, match=r"gptstore\.mo is no gettext catalog.*msgfmt"):
        _ = toast_of(package).translations
