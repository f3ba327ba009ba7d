"""The form of `gptstore dev` and the store's: the same elements for the same schema, and the same input from them."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template.loader import get_template
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from lxml import html

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.sdk import Context, Document, Field, LongText, Messages, tool
from gptstore.sdk.dev.page.html import draw
from gptstore.sdk.form.form import Form
from gptstore.sdk.form.form_request import Sent
from gptstore.sdk.translation import translation_into
from gptstore.web.catalog.forms import ToolForm
from tests.every_input import every_input

TEXTS = dict[str, list[str]]
FILES = dict[str, tuple[str, bytes]]
CONVERSATION = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


@tool(title="Others")
def others(
    ctx: Context,
    chat: Annotated[Messages, Field(max_length=5)],
    paper: Document,
    into: Literal["detect", "de", "fr", "it", "en"],
    body: Annotated[LongText, Field(max_length=20_000, placeholder="Paste <it>", description='What "it" says')],
    code: Literal["cpp", "sql", "rust", "go", "css"] | None = None,
    size: Literal[1, 2, 3] = 2,
    heat: Annotated[float | None, Field(ge=0, le=2)] = None,
    names: Annotated[list[str], Field(min_length=1)] = ["Ada", "Bob"],  # noqa: B006
    on: bool = True,
    tags: Annotated[list[Literal["a", "b"]], Field(min_length=1, group="More & more", labels={"a": "The <a>"})] = ["a"],  # noqa: B006
) -> str:
    """Take the inputs that the other tool has not."""
    return ""


@tool(title="Nothing")
def nothing(ctx: Context) -> str:
    """Take no input."""
    return ""


@pytest.fixture(params=["en", "zh-hans"], autouse=True)
def language(request: pytest.FixtureRequest) -> Iterator[None]:
    """Read both forms in each language."""
    with translation.override(request.param):
        yield


def draw_of_store(form: ToolForm) -> str:
    parts = [get_template("catalog/error_summary.html").render({"form": form})]
    template = get_template("catalog/fieldset.html")
    parts += [template.render({"shown": shown, "tool": {"slug": "x"}, "form": form}) for shown in form.fieldsets()]
    return "".join(parts)


def elements(text: str) -> Iterator[tuple[Any, ...]]:
    """Yield the elements with their attributes and texts, in their order."""
    for element in html.fromstring(f"<main>{text}</main>").iter():
        attributes = {name: value for name, value in element.attrib.items() if name != "hx-post"}
        if "hx-post" in element.attrib:
            attributes["field"] = element.attrib["hx-post"].partition("?")[2]
        yield str(element.tag), attributes, *(" ".join((text or "").split()) for text in (element.text, element.tail))


def both(
    schema: dict[str, Any], texts: TEXTS | None = None, files: FILES | None = None, **more: Any
) -> tuple[Any, Any]:
    """Return the store's form and the page's, with the same data."""
    words = translation_into(str(translation.get_language()))
    if texts is None:
        return ToolForm(schema, **more), Form(schema, words=words, **more)
    data = QueryDict(mutable=True)
    for name, values in texts.items():
        data.setlist(name, values)
    sent = {name: SimpleUploadedFile(*file) for name, file in (files or {}).items()}
    theirs = ToolForm(schema, data, MultiValueDict({name: [file] for name, file in sent.items()}), **more)
    theirs.is_valid()
    ours = Form(schema, Sent(texts, files or {}), words=words, **more)
    try:
        ours.result = dict(check_input(schema, ours.read()))
    except InvalidInput as invalid:
        ours.add_errors(invalid.errors)
        ours.result = {}
    return theirs, ours


def assert_same(theirs: ToolForm, ours: Form) -> None:
    drawn = draw("form.html", str(translation.get_language()), form=ours, check_url="/check")
    assert [*elements(drawn)] == [*elements(draw_of_store(theirs))]


@pytest.mark.parametrize("one", [every_input, others], ids=lambda one: one.slug)
def test_an_empty_form_has_the_same_elements(one: Any) -> None:
    assert_same(*both(one.input_schema))


def test_a_form_without_inputs_says_so() -> None:
    drawn = draw("form.html", str(translation.get_language()), form=Form(nothing.input_schema), check_url="/check")

    assert translation.gettext("This tool needs no input.") in drawn


@pytest.mark.parametrize("number", [0, 1])
def test_an_example_fills_both_the_same_way(number: int) -> None:
    values = every_input.examples[number].input
    theirs, ours = both(every_input.input_schema, values=values, source=f"example:{number + 1}")

    assert_same(theirs, ours)
    assert (ours.values_by_control(), ours.open_fieldsets()) == (theirs.controls(), theirs.open_fieldsets())


def test_a_conversation_is_filled_the_same_way() -> None:
    for chat in (CONVERSATION, CONVERSATION[:1], [{"role": "system", "content": "Be <brief>"}], "none"):
        assert_same(*both(others.input_schema, values={"chat": chat, "names": None, "code": "sql", "heat": 0.25}))


GOOD: TEXTS = {
    "input-title": ["A parcel"],
    "input-to-street": ["Via Appia"],
    "input-to-city": ["Rome"],
    "input-to-country": ["it"],
    "input-days": ["monday"],
    "input-speed": ["slow"],
    "input-copies": ["1"],
    "input-weight": ["0.5"],
    "input-sender-days": ["monday"],
}
PAPER = {"name": "paper.txt", "data": b64encode(b"Hi").decode()}
OTHER: TEXTS = {
    "input-chat": ["Go on\r\nplease"],
    "input-chat-earlier": ['[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]'],
    "input-into": ["de"],
    "input-body": ["a\r\nb "],
    "input-names": ["Ada\r\n\r\n Bob "],
    "input-size": ["3"],
    "input-tags": ["b"],
    "input-paper-kept": ["example:1"],
}  # fmt: skip
FILE: FILES = {"input-paper": ("note.md", b"# Hi\n\xff")}
CASES: list[tuple[Any, TEXTS, FILES]] = [
    (every_input, GOOD, {}),
    (every_input, {}, {}),
    *(
        (every_input, GOOD | {name: values}, {})
        for name, values in [
            ("input-title", ["  "]), ("input-title", ["\0"]), ("input-title", ["x" * 81]), ("input-title", ["a", "b"]),
            ("input-text", [""]), ("input-text", ["  \r\n "]), ("input-text", ["a\r\nb"]),
            ("input-on", ["2026-02-28"]), ("input-on", ["28.2.2026"]), ("input-on", [""]),
            ("input-days", []), ("input-days", ["friday", "tuesday"]), ("input-days", ["x"]),
            ("input-days", ["monday", "tuesday", "friday"]), ("input-days", ["monday", "monday"]),
            ("input-colors", ["red", "blue"]), ("input-colors", ["pink"]), ("input-colors", []),
            ("input-to-city", [""]), ("input-to-city", ["x" * 21]), ("input-to-country", ["xx"]),
            ("input-to-country", []), ("input-to-since", ["2020-01-02"]), ("input-to-since", ["x"]),
            ("input-sender-name", ["Ada"]), ("input-sender-days", ["friday"]), ("input-sender-days", []),
            ("input-copies", ["x"]), ("input-copies", ["10"]), ("input-copies", [""]), ("input-copies", ["2.0"]),
            ("input-copies", [" 3 "]), ("input-copies", ["1.5"]), ("input-copies", []), ("input-copies", ["1_0"]),
            ("input-weight", ["nan"]), ("input-weight", ["1e3"]), ("input-weight", ["0"]), ("input-weight", ["0,5"]),
            ("input-signed", ["on"]), ("input-signed", ["false"]), ("input-signed", [""]), ("input-signed", ["x"]),
            ("input-note", ["hm"]), ("input-note", [" "]), ("input-words", ["a\r\n\r\n b"]), ("input-speed", [""]),
            ("input-prices-kept", ["example:2"]), ("input-letter-kept", ["gone:1"]), ("input-speed", ["fast"]),
        ]
    ),
    (every_input, GOOD, {"input-letter": ("letter.md", b"Hi"), "input-prices": ("prices.csv", b"a,b")}),
    (every_input, GOOD, {"input-letter": ("letter.exe", b""), "input-prices": ("prices", b"")}),
    (others, OTHER, {}),
    (others, OTHER, FILE),
    (others, {}, {}),
    *(
        (others, OTHER | {name: values}, {})
        for name, values in [
            ("input-chat", [" "]), ("input-chat-earlier", ["{"]), ("input-chat-earlier", ['[{"role": "x"}]']),
            ("input-chat-earlier", ["5"]), ("input-chat", ["\0"]), ("input-into", [""]), ("input-into", ["xx"]),
            ("input-code", ["sql"]), ("input-code", [""]), ("input-size", ["9"]), ("input-heat", ["3"]),
            ("input-heat", ["0.5"]), ("input-names", [" "]), ("input-tags", []), ("input-tags", ["c"]),
            ("input-body", ["x" * 20_001]), ("input-body", [" "]), ("input-on", ["on"]), ("input-paper-kept", [""]),
        ]
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "texts", "files"), CASES, ids=[f"{case[0].slug}-{n}" for n, case in enumerate(CASES)])
def test_what_is_sent_is_read_and_shown_again_the_same_way(one: Any, texts: TEXTS, files: FILES) -> None:
    kept = {"example:1": {"paper": PAPER}, "example:2": {"prices": "item;price\nbread;3"}}
    theirs, ours = both(one.input_schema, texts, files, find_kept=lambda source: kept.get(source, {}))

    assert ours.errors | {"": ours.general_errors} == {
        name: errors[0] for name, errors in theirs.errors.items() if name != "__all__"
    } | {"": [*theirs.non_field_errors()]}
    if not theirs.errors:
        assert ours.result == dict(theirs.input)
    assert_same(theirs, ours)
