"""What the plugins say of their tools, in the reader's language; the built-in ones in Simplified Chinese."""

from typing import Any

import polib
import pytest
from django.test import Client

from gptstore.catalog.models import Tool
from gptstore.jobs.models import Status
from gptstore.sdk.form.choice_labels import ANY, language_name, spelling
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.plugins import load_plugins
from harness.rows import make_job, make_tool, make_user
from scripts.plugin_messages import PLUGINS, catalog_of, texts_of

IN_CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}
NAMES = {f"gptstore-{folder.name.replace('_', '-')}" for folder in PLUGINS.iterdir()}
BUILT_IN = load_plugins(names=NAMES).plugins


def is_named_by_the_site(choice: str) -> bool:
    return choice in ANY or bool(language_name(choice) or spelling(choice))


@pytest.mark.parametrize("plugin", BUILT_IN, ids=lambda plugin: plugin.name)
def test_a_built_in_plugin_has_every_text_in_chinese(plugin: Any) -> None:
    path = catalog_of(plugin)
    readable, compiled = polib.pofile(str(path)), polib.mofile(str(path.with_suffix(".mo")))

    assert [entry.msgid for entry in readable] == [*dict.fromkeys(texts_of(plugin))], "run `make messages`"
    assert [e.msgid for e in readable if not e.msgstr and not is_named_by_the_site(e.msgid)] == []
    assert {e.msgid: e.msgstr for e in compiled} == {e.msgid: e.msgstr for e in readable if e.msgstr}


@pytest.fixture
def summarizer(db: None) -> Tool:
    [tool] = [tool for plugin in BUILT_IN if plugin.name == "gptstore-summarizer" for tool in plugin.tools]
    manifest = ToolManifest.from_tool(tool).model_dump(mode="json")
    columns = ("title", "summary", "description", "input_schema", "examples", "translations")
    return make_tool("summarizer", **{name: manifest[name] for name in columns})


def page(client: Client, address: str, **headers: str) -> str:
    return client.get(address, headers=headers or IN_CHINESE).content.decode()


def test_the_catalogue_and_the_page_of_a_tool_are_in_the_readers_language(client: Client, summarizer: Tool) -> None:
    home, form = page(client, "/"), page(client, "/tools/summarizer/")

    assert "摘要" in home and "把长文缩短为要点。" in home and "Summarizer" not in home
    for text in ("摘要", "把长文缩短为要点。", "在此粘贴文字", "长度", "海水为什么一天涨两次", "使用原文的语言"):
        assert text in form
    assert ">短<" in form and "Shorten a long text" not in form


def test_everybody_else_reads_english(client: Client, summarizer: Tool) -> None:
    form = page(client, "/tools/summarizer/", **{"accept-language": "fr"})

    assert "Shorten a long text to its main points." in form and "Why the sea rises twice a day" in form
    assert "摘要" not in form


def test_a_tool_is_found_by_its_name_in_both_languages(client: Client, summarizer: Tool) -> None:
    for query in ("摘要", "缩短", "summar"):
        assert "/tools/summarizer/" in page(client, f"/?q={query}")


def test_a_run_shows_its_input_under_translated_titles(client: Client, summarizer: Tool) -> None:
    ada = make_user("ada")
    job = make_job(ada, summarizer, Status.SUCCEEDED, input={"text": "A long text.", "length": "short"})
    client.force_login(ada)

    shown = page(client, f"/runs/{job.id}/")

    assert "摘要" in shown and "长度" in shown and ">短<" in shown
    assert "摘要" in page(client, "/runs/")


def test_a_form_that_was_filled_in_in_chinese_launches_a_run(client: Client, summarizer: Tool) -> None:
    client.force_login(make_user("ada"))

    response = client.post(
        "/tools/summarizer/", {"input-text": "A long text.", "input-length": "medium"}, headers=IN_CHINESE
    )

    assert response.status_code == 302 and response["Location"].startswith("/runs/")


def test_a_translation_is_no_html(client: Client, db: None) -> None:
    make_tool("shout", title="Shout", translations={"zh-Hans": {"Shout": "<script>alert(1)</script>"}})

    assert "<script>alert(1)" not in page(client, "/") + page(client, "/tools/shout/")
