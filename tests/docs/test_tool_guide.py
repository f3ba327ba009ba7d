"""docs/tool-guide.md: each of its snippets is run, and its tables name every option."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gptstore.sdk import Context, Field, Model, PromptTemplate, Sampling, Tool
from gptstore.sdk.testing import Run, Script, ScriptedModel, run
from gptstore.sdk.tools import ToolOptions

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tool-guide.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', PAGE, flags=re.DOTALL | re.MULTILINE)
SNIPPETS = [code for language, _, code in BLOCKS if language == "python"]


ASKED = [name for name in vars(Model) if not name.startswith("_") and name not in ("answer", "report")]
Check = Callable[[dict[str, Tool]], Run]
RUNS: dict[str, tuple[dict[str, Any], Script, str]] = {
    "poem": ({"topic": "rain", "mood": "wild", "signed": True}, "Drip,\ndrop.", "Drip,\ndrop.\n\n— your store"),
    "pirate": ({"messages": [{"role": "user", "content": "Who are you?"}]}, "Arr!", "Arr!"),
    "invitation": (
        {"host": {"name": "Ada"}, "day": "2026-02-28", "meals": ["lunch"]},
        " Come to lunch.",
        "Come to lunch.",
    ),
    "report-check": ({"report": "All is well.", "figures": "month,sales\nMay,3"}, " Yes.\nNo.", "Page 1:  Yes.\n"),
    "review-mood": ({"review": "Lovely!"}, " Good.", '"mood": "good"'),
    "regex-writer": ({"wanted": "a digit"}, "\\d\nThat is it.", "\\d"),
    "hello-world": ({"language": "go"}, "package main\n\nfunc main", "package main"),
    "recipe-reader": (
        {"text": "Boil an egg."},
        '{"dish": "Egg", "minutes": 6, "course": "starter", "ingredients": ["egg"]}',
        '"minutes": 6',
    ),
    "post-sorter": ({"letter": "I want my money back."}, "support", "support"),
    "oddity": ({"sentence": "It rained."}, "", "1.0"),
    "sure-or-not": ({"claim": "Salt is sweet."}, " false", "false, 100% sure ()"),
    "key-points": ({"text": "It rained."}, " Rain fell.\nText", "1. Rain fell.\n"),
    "letter-desk": (
        {"letters": ["Pay me.", "Thanks."]},
        lambda prompt: '{"who": "Ann", "what": "pays"}' if "JSON" in prompt else "sales",
        "sales: Ann pays\nsales: Ann pays",
    ),
    "house-style": ({"sentence": "Hi."}, " Good day.\nMore", "Good day."),
    "ideas": ({"topic": "rain"}, " Dance.\nMore", "- Dance.\n"),
    "plain-words": ({"text": "Be advised to cease."}, " Stop now.\n\nText:", "Stop now.\n\n"),
    "politely": ({"text": "Send it to a@b.co"}, " Please send it to X1.\nText:", "Please send it to a@b.co."),
    "finder": ({"text": "Ann has a cat. Ann has a red boat.", "wanted": "boats"}, "", "Ann has a red boat."),
    "key-sentence": ({"text": "# _init_"}, " It *is* old.", "> \\# \\_init\\_\n\nIt \\*is\\* old."),
    "proofread": ({"text": "Helo."}, " Hello.\n\nText:", "Hello.\n\n"),
    "word-counter": ({"text": "one two\nthree"}, "", "3 words."),
    "toast": ({"occasion": "a wedding"}, " Cheers!", "Cheers!"),
    "word-table": ({"text": "one seven"}, "", '["Word","Letters"]\n["one",3]\n["seven",5]\n'),
    "calendar-entry": ({"title": "Tea"}, "", '{"name":"entry.ics","type":"text/calendar","size":82,"data":"'),
    "headline": ({"article": "It rained."}, " Rain!\nMore", "Rain!"),
}


SETTINGS: dict[str, dict[str, Any]] = {"house-style": {"api_key": "key"}}


def tools_of(snippet: str) -> dict[str, Tool]:
    namespace: dict[str, Any] = {"__name__": "snippet"}
    exec(compile(snippet, "docs/tool-guide.md", "exec"), namespace)  # noqa: S102
    return {value.slug: value for value in namespace.values() if isinstance(value, Tool)}


@pytest.mark.parametrize(
    "snippet", SNIPPETS, ids=lambda code: "-".join(re.findall(r"@tool.*?def (\w+)", code, re.DOTALL))
)
def test_each_snippet_declares_tools_that_run(snippet: str) -> None:
    tools = tools_of(snippet)

    assert tools
    for slug, tool in tools.items():
        inputs, reply, expected = RUNS[slug]
        settings = tool.settings and tool.settings(**SETTINGS[slug])
        assert expected in run(tool, inputs, model=ScriptedModel(reply, is_chat=False), settings=settings).output
        for example in tool.examples:
            assert run(tool, example.input, model=ScriptedModel("Yes.")).output


def test_every_tool_that_is_checked_here_is_on_the_page() -> None:
    assert {slug for snippet in SNIPPETS for slug in tools_of(snippet)} == set(RUNS)


def test_the_proofreader_cuts_a_long_text_into_parts() -> None:
    (proofread,) = [tool for snippet in SNIPPETS for tool in tools_of(snippet).values() if tool.slug == "proofread"]

    done = run(proofread, text="A sentence of six words here. " * 40, model=ScriptedModel("Fine.", context_length=128))

    assert len(done.prompts) > 4
    assert done.logs == [f"The text has {len(done.prompts)} parts."]
    assert done.progress[-1].message == f"part {len(done.prompts)} of {len(done.prompts)}"


def test_the_error_that_the_page_shows_is_the_one_that_comes() -> None:
    (snippet,) = [code for code in SNIPPETS if "def poem" in code]
    shown = next(code.strip() for language, _, code in BLOCKS if language == "text" and code.startswith("tool poem"))

    with pytest.raises(Exception, match=re.escape(shown)):
        tools_of(snippet.replace("= 4,", "= 1,"))


def test_the_tables_name_every_option() -> None:
    tables = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))

    for name in [
        *ToolOptions.__annotations__,
        *Field.__dataclass_fields__,
        *PromptTemplate.__dataclass_fields__,
        *Sampling.__annotations__,
    ]:
        assert f"`{name}`" in tables, name
    for name in [name for name in vars(PromptTemplate) if callable(getattr(PromptTemplate, name)) and name[0] != "_"]:
        assert f"`template.{name}(" in tables or name in PromptTemplate.__dataclass_fields__, name
    for name in [*Context.__abstractmethods__, *Model.__annotations__, *ASKED]:
        assert re.search(rf"`ctx\.(model\.)?{name}\b", tables), name
