"""Text from right to left: each paragraph has the direction of its own first letter, with and without JavaScript."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gptstore.sdk.render.output import render
from tests.e2e.devices import PHONE, Devices
from tests.e2e.directions import directions, order_of_columns, side_of_bar, sides_of_marks
from tests.e2e.make_runs import ARABIC, HEBREW
from tests.e2e.person import Person
from tests.e2e.store import Store
from tests.e2e.tool_form import ToolForm
from tests.text.rows import read_rows

STATIC = Path(__file__).parents[2] / "gptstore" / "sdk" / "static"
STYLES = ["web/css/tokens.css", "web/css/base.css", "web/css/prose.css", "web/css/code.css", "runs/run.css"]
TEXTS = ":is(p, h3, h4, li, th, td, pre, .output-text)"
DESK = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture(scope="module")
def styles() -> str:
    return "\n".join((STATIC / path).read_text() for path in STYLES)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def blank(request: pytest.FixtureRequest, devices: Devices) -> Page:
    return devices.open(**request.param)


@pytest.mark.parametrize("row", read_rows("directions"))
def test_each_text_of_an_answer_begins_at_its_own_side(blank: Page, styles: str, row: dict[str, Any]) -> None:
    html = render(row["kind"], row["input"], "python")
    blank.set_content(
        f'<meta name="viewport" content="width=device-width"><style>{styles}</style>'
        f'<div class="output"><div class="output-body {row["kind"]}">{html}</div></div>'
    )
    right = row["right"].split()
    found = directions(blank, f".output-body {row.get('selector', TEXTS)}")
    assert found[: len(right)] == right
    assert set(found[len(right) :]) <= {"ltr"}  # the further lines of a block of code
    if "marks" in row:
        assert sides_of_marks(blank, ".prose li") == row["marks"].split()
    if "bar" in row:
        assert side_of_bar(blank, "blockquote") == row["bar"]
    if "columns" in row:
        assert order_of_columns(blank, "table") == row["columns"]


@pytest.fixture(scope="module")
def writer(store: Store) -> Person:
    return store.next_person()


@pytest.fixture(scope="module")
def runs(store: Store, writer: Person) -> dict[str, str]:
    made: dict[str, str] = store.run_module("tests.e2e.make_runs", writer.name)
    return made


@pytest.fixture(params=[True, False], ids=["JavaScript", "no JavaScript"])
def reader(request: pytest.FixtureRequest, devices: Devices, writer: Person) -> Page:
    return devices.open(writer, java_script_enabled=request.param, **DESK)


def test_what_is_typed_has_its_own_direction(reader: Page) -> None:
    form = ToolForm(reader, "qa").open()
    for text, direction in ((HEBREW, "rtl"), (ARABIC, "rtl"), ("In English", "ltr"), (f"12. {HEBREW}", "rtl")):
        for control in (form.field("Passage"), form.field("Question")):
            control.fill(text)
            expect(control).to_have_css("direction", direction)
            expect(control).to_have_css("text-align", "start")


def test_paragraphs_of_one_field_have_theirs(reader: Page) -> None:
    form = ToolForm(reader, "qa").open()
    expect(form.field("Passage")).to_have_css("unicode-bidi", "plaintext")


def test_an_answer_and_its_input(reader: Page, runs: dict[str, str]) -> None:
    reader.goto(f"/runs/{runs['markdown']}/")
    assert directions(reader, "#output :is(h4, p, li, pre)") == ["rtl", "rtl", "rtl", "ltr", "ltr"]
    assert side_of_bar(reader, "#output blockquote") == "rtl"
    assert sides_of_marks(reader, "#output li") == ["rtl", "ltr"]
    assert directions(reader, ".input-value") == ["rtl"]
    reader.goto(f"/runs/{runs['text']}/")
    assert directions(reader, "#output .output-text") == ["rtl", "ltr", "rtl"]


def test_the_reason_why_a_run_failed(reader: Page, runs: dict[str, str]) -> None:
    reader.goto(f"/runs/{runs['failed']}/")
    assert directions(reader, ".error-summary > p")[:1] == ["rtl"]
    assert directions(reader, ".input-value") == ["rtl", "rtl"]


def test_the_list_of_runs(reader: Page, runs: dict[str, str]) -> None:
    reader.goto("/runs/")
    assert directions(reader, "#runs .run-link") == ["rtl"] * 3
    assert "ltr" not in directions(reader, "#runs span.excerpt")[:1]
    reader.goto("/tools/qa/")
    assert directions(reader, ".last-runs .excerpt") == ["rtl"]


def test_a_page_in_english_stays_as_it_is(reader: Page, runs: dict[str, str]) -> None:
    for path in ("/", "/tools/qa/", "/runs/", "/account/", "/docs/"):
        reader.goto(path)
        assert set(directions(reader, "main :is(h1, h2, p, label)")) == {"ltr"} or path == "/runs/"


def test_text_that_streams_has_its_own_direction(blank: Page, styles: str) -> None:
    tail = f'<span class="output-tail" data-tail>{HEBREW}\nEnglish\n{HEBREW}</span><span class="caret live"></span>'
    blank.set_content(f'<style>{styles}</style><div class="output-body text" data-rest>{tail}</div>')
    assert directions(blank, ".output-body") == ["rtl", "ltr", "rtl"]


def test_the_parts_of_code_stand_from_left_to_right(blank: Page, styles: str) -> None:
    html = render("code", f"name = 'שלום'  # {ARABIC}", "python")
    blank.set_content(f'<style>{styles} pre {{ white-space: pre; }}</style><div class="output-body code">{html}</div>')
    lefts = blank.locator("pre span").evaluate_all("(parts) => parts.map((part) => part.getBoundingClientRect().left)")
    assert len(lefts) > 3
    assert lefts == sorted(lefts)
