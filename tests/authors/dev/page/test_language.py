"""The page of `gptstore dev` in the reader's language."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import translation
from lxml import html

import gptstore.sdk.dev.page
from gptstore.sdk.dev.page.app import own_address
from gptstore.sdk.dev.page.locale import COOKIE, LANGUAGES, accepted_language
from gptstore.sdk.dev.tool_run import end_of, ending_of_process
from gptstore.sdk.host.messages import Failed
from gptstore.sdk.translation import LOCALES, translation_into
from tests.authors.dev.page.conftest import TOKEN, Served
from tests.authors.dev.page.test_page import HI, SCRIPT, events_of, run_id
from tests.authors.dev.project import ASK, body_of
from tests.web.html import Html

PAGE = Path(gptstore.sdk.dev.page.__file__).parent
TEMPLATES = sorted(PAGE.glob("templates/*.html"))
IN_CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}
MARKED = re.compile(r"""_\((?:"([^"]*)"|'([^']*)')""")
READ_ALOUD = {"aria-label", "title", "alt", "placeholder"}
ADDRESSES = {"data-page", "data-events", "data-output", "data-title", "data-swap"}
NO_WORDS = {"gptstore dev", "CSV", "JSON", "Ctrl ↵", "· gptstore dev", "#output-raw"}
"""What is the same in each language: names, and keys of keyboards."""

CHINESE_ASK = (
    ASK.replace('title="Ask"', 'title={"en": "Ask", "zh-Hans": "提问"}')
    .replace('Example("Hello"', 'Example({"en": "Hello", "zh-Hans": "你好"}')
    .replace("text: str", 'text: Annotated[str, Field(title={"en": "Text", "zh-Hans": "文本"}, max_length=5)]')
)
IMPORTS = "from typing import Annotated\n\nfrom gptstore.sdk import Field\n\n\n"


def words_of(template: str) -> list[str]:
    """Return what stands in a template for people to read, in whatever language the page is."""
    shown = re.sub(r"(?<=<)(/?)\{\{.*?\}\}", r"\1div", template)
    shown = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", re.sub(r"\{\{.*?\}\}", "", shown))
    texts: list[str] = []
    for element in html.fromstring(f"<main>{shown}</main>").iter():
        read = [value for name, value in element.attrib.items() if name in READ_ALOUD or is_said(name)]
        texts += [" ".join((text or "").split()) for text in (element.text, element.tail, *read)]
    return [text for text in texts if re.search("[A-Za-z]{2}", text)]


def is_said(name: str) -> bool:
    return name.startswith("data-") and name not in ADDRESSES and not name.startswith("data-counter")


def test_the_page_speaks_the_languages_of_a_store() -> None:
    assert [*LANGUAGES] == [code for code, _name in settings.LANGUAGES]
    assert {code: translation.get_language_info(code)["name_local"] for code in LANGUAGES} == LANGUAGES
    assert {*LOCALES} == {*LANGUAGES} - {"en"}
    assert {code: translation.to_locale(code) for code in LOCALES} == LOCALES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_has_no_text_that_nobody_can_translate(template: Path) -> None:
    assert [text for text in words_of(template.read_text()) if text not in NO_WORDS] == []


def test_a_text_that_nobody_can_translate_is_found() -> None:
    assert words_of(
        '<p title="A hint">{{ _("No") }} text</p><i data-say-end="The end">{% if x %}Word{% endif %}</i>'
    ) == [
        "text",
        "A hint",
        "Word",
        "The end",
    ]


@pytest.mark.parametrize("script", sorted(PAGE.glob("static/*.js")), ids=lambda path: path.name)
def test_a_script_takes_its_sentences_from_the_page(script: Path) -> None:
    code = re.sub(r"^\s*//.*$", "", script.read_text(), flags=re.MULTILINE)

    assert re.findall(r"""["'`][A-Z][^"'`\n]* [^"'`\n]*["'`]""", code) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_text_of_a_template_is_translated(template: Path) -> None:
    chinese = translation_into("zh-hans")
    marked = {one or other for one, other in MARKED.findall(template.read_text())}

    assert marked or template.stem == "field_error"
    assert {text for text in marked if chinese.gettext(text) == text} == set()


@pytest.mark.parametrize(
    "header",
    [
        "zh-CN,zh;q=0.9,en;q=0.5", "zh-TW", "zh", "ZH-Hans", "en", "en-GB, zh;q=0.9", "en;q=0.1, zh;q=0.2",
        "fr, zh;q=0.1", "fr", "", "xx-klingon", "zh;q=0, en", "*", "*, zh;q=0.5", "zh;q=2", "zh; q=1.0", "zh;q=0.0001",
        ",", "de-" * 300 + ", zh", "zh-" + "a" * 600, "zh;level=1", "zh_CN",
    ],
)  # fmt: skip
def test_a_browser_gets_the_language_that_a_store_gives_it(header: str) -> None:
    request = RequestFactory().get("/", headers={"accept-language": header})

    assert accepted_language(header) == translation.get_language_from_request(request)


def test_a_language_without_weight_is_not_wanted() -> None:
    assert accepted_language("zh;q=0") == "en"


def test_a_chinese_browser_gets_the_page_and_the_tool_in_chinese(served: Served) -> None:
    served.write(IMPORTS + CHINESE_ASK)

    answer = served.client.get("/", headers=IN_CHINESE)

    page = Html(answer.text)
    assert '<html lang="zh-hans" dir="ltr">' in answer.text
    assert answer.headers["content-language"] == "zh-hans"
    assert answer.headers["vary"] == "Accept-Language, Cookie"
    for text in ("提问", "你好", "文本", "试试示例", "最多 5 个字符", "运行工具后，结果会出现在这里。"):
        assert text in page.text, text
    assert "此处未安装工作进程的软件包" in page.text


def test_everybody_else_gets_english(served: Served) -> None:
    served.write(IMPORTS + CHINESE_ASK)

    answer = served.client.get("/", headers={"accept-language": "fr"})

    assert '<html lang="en" dir="ltr">' in answer.text and answer.headers["content-language"] == "en"
    assert "Run the tool, and its answer appears here." in answer.text and "提问" not in Html(answer.text).values("h1")


def test_a_run_its_request_and_its_output_are_chinese(served: Served) -> None:
    part = served.post("/tools/ask/", HI, headers=SCRIPT | IN_CHINESE)
    id = run_id(part.text)

    [request] = [data["html"] for name, data in events_of(served, id, **IN_CHINESE) if name == "model"]

    assert "请求 1" in request and "提示词" in request and "Request" not in request
    assert "请求 1" not in dict(events_of(served, id))["model"]["html"]
    done = served.client.get(f"/runs/{id}/", headers=SCRIPT | IN_CHINESE)
    assert "成功" in done.text and "每秒 Token 数" in done.text and done.headers["content-language"] == "zh-hans"


def test_what_is_wrong_with_an_input_is_told_in_chinese(served: Served) -> None:
    wrong = {"input-text": "", "input-mood": "angry"}

    page = served.post("/tools/ask/", wrong, headers=IN_CHINESE)
    field = served.post("/tools/ask/check?field=text", wrong, headers=IN_CHINESE)

    assert page.status_code == 422 and "请检查你输入的内容" in page.text and "This field" not in page.text
    assert "此项必填。" in field.text and field.headers["content-language"] == "zh-hans"


def test_a_table_counts_its_rows_in_chinese(served: Served) -> None:
    table = body_of('yield {"who": "Ada"}').replace('title="Ask",', 'title="Ask", output="table",')
    served.write(table.replace("-> Iterator[str]", "-> Iterator[dict[str, str]]"))

    assert "<caption>1 行</caption>" in served.post("/tools/ask/", HI, headers=IN_CHINESE).text


def test_why_a_run_failed_is_told_in_chinese_and_by_an_author_as_it_is_written(served: Served) -> None:
    served.write(body_of('yield ""\nraise ToolError("100% bad luck.")'))
    page = served.post("/tools/ask/", HI, headers=IN_CHINESE).text
    assert "工具无法处理此输入" in page and "100% bad luck." in page

    served.write(body_of('yield ""\nos._exit(3)'))
    page = served.post("/tools/ask/", HI, headers=IN_CHINESE).text
    assert "工具没有运行到结束：其进程以状态码 3 退出。" in page
    assert "its process ended with status 3." in served.client.get(f"/runs/{run_id(page)}/").text


@pytest.mark.parametrize("status", [None, 0, 1, -9, -99])
def test_each_end_of_a_process_has_a_sentence(status: int | None) -> None:
    sentence, values = ending_of_process(status)

    assert (sentence % values).isascii() and "没有运行到结束" in translation_into("zh-hans").gettext(sentence) % values


def test_a_limit_that_a_run_met_is_told_in_chinese() -> None:
    ends = [end_of(Failed(reason=reason)) for reason in ("memory", "disk")]  # type: ignore[arg-type]

    assert [end.describe() for end in ends] == [
        "It took more memory than there is.",
        "It wrote a file that is too large.",
    ]
    assert all(not end.describe(translation_into("zh-hans")).isascii() for end in ends)


def test_a_language_is_chosen_without_javascript_and_kept(served: Served) -> None:
    page = Html(served.client.get("/tools/ask/?example=1").text)
    assert page.values("value", "input")[-1] == "/tools/ask/?example=1"
    assert page.values("action", "form")[-1] == "/language"

    answer = served.post("/language", {"language": "zh-hans", "next": "/tools/ask/?example=1"}, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    try:
        assert answer.status_code == 303 and answer.headers["location"] == "/tools/ask/?example=1"
        assert "Max-Age=31536000" in cookie and "HttpOnly" in cookie and "SameSite=lax" in cookie
        chosen = served.client.get("/tools/ask/", headers={"accept-language": "en"}).text
        assert '<html lang="zh-hans"' in chosen
        assert 'value="zh-hans" lang="zh-hans" aria-current="true">简体中文</button>' in chosen
        assert 'value="en" lang="en">English</button>' in chosen
    finally:
        served.client.cookies.delete(COOKIE)


def test_a_language_that_there_is_not_is_not_kept(served: Served) -> None:
    assert "set-cookie" not in served.post("/language", {"language": "xx"}, follow_redirects=False).headers
    served.client.cookies.set(COOKIE, "xx", domain="127.0.0.1")
    try:
        assert '<html lang="en"' in served.client.get("/").text
    finally:
        served.client.cookies.delete(COOKIE)


def test_other_pages_cannot_choose(served: Served) -> None:
    answer = served.client.post("/language", data={"language": "zh-hans", "csrfmiddlewaretoken": f"{TOKEN}x"})

    assert answer.status_code == 403 and COOKIE not in served.client.cookies


@pytest.mark.parametrize(
    ("given", "leads"),
    [
        ("/tools/ask/?a=1", "/tools/ask/?a=1"), ("", "/"), ("https://evil.example/", "/"), ("//evil.example", "/"),
        ("/\\evil.example", "/"), ("/\t/evil.example", "/"), ("tools", "/"),
    ],
)  # fmt: skip
def test_the_choice_leads_to_no_other_site(given: str, leads: str) -> None:
    assert own_address(given) == leads


@pytest.mark.parametrize(("path", "text"), [("/runs/gone/", "此次运行已不再保留。"), ("/nowhere", "没有这个页面。")])
def test_what_is_not_there_is_told_in_chinese(served: Served, path: str, text: str) -> None:
    answer = served.client.get(path, headers=IN_CHINESE)

    assert (answer.status_code, answer.text) == (404, text)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_who_has_no_token_is_told_so_in_chinese(served: Served) -> None:
    served.client.cookies.clear()
    try:
        answer = served.client.get("/", headers=IN_CHINESE)
        assert answer.status_code == 403 and answer.headers["content-language"] == "zh-hans"
        assert answer.text == "请打开 `gptstore dev` 输出的地址，包括其中的令牌。\n"
    finally:
        served.client.get("/", params={"token": TOKEN})
