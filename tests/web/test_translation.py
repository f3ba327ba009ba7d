"""The site in other languages than English: nothing is left out, and readers get the language that they ask for."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import polib
import pytest
from django.test import Client
from django.utils import translation

from gptstore.jobs.models import Status
from gptstore.web.templatetags.web import as_tokens, short_number
from harness.rows import make_job, make_tool, make_user

SOURCES = Path(__file__).resolve().parents[2] / "gptstore"
CATALOGUES = ("locale/zh_Hans/LC_MESSAGES/django.po", "sdk/locale/zh_Hans/LC_MESSAGES/django.po")
"""That of the store, and that of the SDK, which the store reads, too."""

CHINESE = [entry for name in CATALOGUES for entry in polib.pofile(str(SOURCES / name))]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|<[^>]+>")
IN_CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}


def entries(catalogue: Iterable[polib.POEntry | polib.MOEntry]) -> dict[tuple[str | None, str, str], object]:
    return {
        (entry.msgctxt, entry.msgid, entry.msgid_plural): entry.msgstr_plural or entry.msgstr for entry in catalogue
    }


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def test_every_text_is_translated_for_good() -> None:
    assert [entry.msgid for entry in CHINESE if entry.fuzzy or entry.obsolete or not all(translations(entry))] == []


def test_chinese_has_one_form_for_one_and_many() -> None:
    assert [entry.msgid for entry in CHINESE if len(translations(entry)) != 1] == []


def test_translations_keep_placeholders_and_markup() -> None:
    def parts(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text))

    changed = [(e.msgid, text) for e in CHINESE for text in translations(e) if parts(text) != parts(e.msgid)]
    assert changed == []


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_the_compiled_catalogue_is_that_of_the_readable_one(catalogue: str) -> None:
    compiled = polib.mofile(str((SOURCES / catalogue).with_suffix(".mo")))

    assert entries(compiled) == entries(polib.pofile(str(SOURCES / catalogue))), "run `make messages`"
    assert compiled.metadata["Plural-Forms"] == "nplurals=1; plural=0;"


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext (Debian: apt install gettext)")
def test_every_text_of_the_sources_is_in_the_catalogue_and_no_other(tmp_path: Path) -> None:
    copy = tmp_path / "gptstore"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__", "static"))
    command = [sys.executable, "-m", "django", "makemessages", "--locale=zh_Hans", "--no-obsolete"]

    done = subprocess.run(command, cwd=copy, env=without_settings(), capture_output=True, text=True, timeout=100)

    assert done.returncode == 0, done.stderr
    for name in CATALOGUES:
        found, known = (entries(polib.pofile(str(folder / name))) for folder in (copy, SOURCES))
        assert found == known, "run `make messages` and translate"


def test_what_both_catalogues_hold_is_translated_the_same_way() -> None:
    store, sdk = (entries(polib.pofile(str(SOURCES / name))) for name in CATALOGUES)
    both = store.keys() & sdk.keys()

    assert len(both) > 20
    assert {text: (store[text], sdk[text]) for text in both if store[text] != sdk[text]} == {}


def without_settings() -> dict[str, str]:
    """Reading sources needs none, and with them Django would write into the real catalogue."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize("address", ["/", "/tools/shout/", "/accounts/login/", "/model/", "/nowhere", "/api/docs"])
    def test_a_chinese_browser_gets_chinese(self, client: Client, address: str) -> None:
        make_tool("shout")
        response = client.get(address, headers=IN_CHINESE)
        page = response.content.decode()
        assert '<html lang="zh-hans">' in page
        assert "搜索工具" in page
        assert response["Content-Language"] == "zh-hans"

    @pytest.mark.parametrize("asked", ["en", "fr", "", "xx-klingon", "zh;q=0, en"])
    def test_everyone_else_gets_english(self, client: Client, asked: str) -> None:
        page = client.get("/", headers={"accept-language": asked}).content.decode()
        assert '<html lang="en">' in page
        assert "Search tools" in page

    def test_a_run_and_its_list_are_chinese(self, client: Client) -> None:
        ada = make_user("ada")
        job = make_job(ada, make_tool("shout"), status=Status.FAILED, error_code="prompt_too_long")
        client.force_login(ada)
        page = client.get(f"/runs/{job.id}/", headers=IN_CHINESE).content.decode()
        assert "文本超出了模型的上下文长度" in page
        assert "失败" in client.get("/runs/", headers=IN_CHINESE).content.decode()

    def test_what_is_wrong_in_a_form_is_told_in_chinese(self, client: Client) -> None:
        make_tool("shout")
        page = client.post("/tools/shout/", {"input-text": "x" * 21}, headers=IN_CHINESE).content.decode()
        assert "最多 20 个字符，当前为 21 个。" in page

    def test_categories_are_found_by_their_chinese_names(self, client: Client) -> None:
        make_tool("shout", category="writing", title="Louder")
        assert "Louder" in client.get("/?q=写作", headers=IN_CHINESE).content.decode()
        assert "Louder" in client.get("/?q=writing", headers=IN_CHINESE).content.decode()


@pytest.mark.django_db
class TestChoosing:
    def test_the_choice_leads_back_and_is_remembered(self, client: Client) -> None:
        response = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/model/?a=1"})
        assert response["Location"] == "/model/?a=1"
        assert response.cookies["django_language"]["max-age"] > 300 * 24 * 3600
        assert "所有工具，同一个模型" in client.get("/model/", headers={"accept-language": "en"}).content.decode()

    def test_it_can_be_taken_back(self, client: Client) -> None:
        client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
        client.post("/i18n/setlang/", {"language": "en", "next": "/"})
        assert "Search tools" in client.get("/", headers=IN_CHINESE).content.decode()

    def test_every_page_offers_it_under_each_languages_own_name(self, client: Client) -> None:
        page = client.get("/?q=a", headers=IN_CHINESE).content.decode()
        assert 'action="/i18n/setlang/" method="post" aria-label="界面语言"' in page
        assert '<input type="hidden" name="next" value="/?q=a">' in page
        assert 'value="en" lang="en">English</button>' in page
        assert 'value="zh-hans" lang="zh-hans" aria-current="true">简体中文</button>' in page

    def test_it_leads_to_no_other_site(self, client: Client) -> None:
        response = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "https://evil.example/"})
        assert response["Location"] == "/"

    def test_other_sites_cannot_choose(self) -> None:
        response = Client(enforce_csrf_checks=True).post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
        assert response.status_code == 403
        assert "django_language" not in response.cookies


@pytest.mark.django_db
def test_programs_get_english_whatever_they_ask_for(client: Client) -> None:
    make_tool("shout")
    client.force_login(make_user("ada"))
    client.cookies["django_language"] = "zh-hans"

    answer = client.post("/api/v1/tools/shout/jobs", {"input": {}}, content_type="application/json", headers=IN_CHINESE)

    assert answer.json()["errors"][0]["message"] == "This field is required."
    assert answer["Content-Language"] == "en"


def test_chinese_words_become_tokens_without_spaces_between_them() -> None:
    with translation.override("zh-hans"):
        assert as_tokens("一个 模型") == '<span class="token">一个</span><span class="token">模型</span>'


@pytest.mark.parametrize(
    ("number", "words"),
    [(1234, "1,234"), (2_959_000, "295.9 万"), (5_000_000, "500 万"), (7_000_000_000, "70 亿")],
)
def test_large_numbers_are_counted_as_in_chinese(number: int, words: str) -> None:
    with translation.override("zh-hans"):
        assert short_number(number) == words
