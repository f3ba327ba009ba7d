"""Finding tools by words, in both databases alike."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from gptstore.catalog.errors import WrongCursor
from gptstore.catalog.index.spelling import corrections_of, is_one_mistake, remember
from gptstore.catalog.models import Category, Tool
from gptstore.catalog.search.find import find
from gptstore.catalog.search.levels import Filters
from harness.rows import make_tool

pytestmark = pytest.mark.django_db

ZH = {
    "Translate documents": "翻译文档",
    "Keeps the layout.": "保留版式。",
    "Finds *every* mistake.": "找出每一个错误。",
}


@pytest.fixture
def catalogue() -> None:
    make_tool("translator", title="Translate documents", summary="Keeps the layout.", translations={"zh-hans": ZH})
    make_tool("subtitles", title="Subtitles", summary="Translates films.", tags=["video", "Übersetzung"])
    make_tool("proofs", title="Proofreader", description="Finds *every* mistake.", translations={"zh-hans": ZH})
    make_tool("cpp", title="C++ and C#", category="code", author="Åsa Öberg")
    make_tool("hindi", title="हिन्दी अनुवाद", summary="Перевод: ёлка. ΔΟΚΙΜΉ.", category="languages")


def slugs(query: str, **options: Any) -> list[str]:
    return [tool.slug for tool in find(Tool.objects.listed_for(AnonymousUser()), query, **options).tools]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("translate", ["translator", "subtitles"]),
        ("TRANSL", ["translator", "subtitles"]),
        ("translate documents", ["translator"]),
        ("documents translate", ["translator"]),
        ("translate films", ["subtitles"]),
        ("translate nothing", []),
        ("ubersetz", ["subtitles"]),
        ("ÜBERSETZUNG", ["subtitles"]),
        ("mistake", ["proofs"]),
        ("c++", ["cpp"]),
        ("c#", ["cpp"]),
        ("asa oberg", ["cpp"]),
        ("code", ["cpp"]),
        ("हिन्दी", ["hindi"]),
        ("अनुवाद", ["hindi"]),
        ("елка", ["hindi"]),
        ("δοκιμη", ["hindi"]),
        ("翻译", ["translator"]),
        ("文档", ["translator"]),
        ("文", ["translator"]),
        ("档", ["translator"]),
        ("翻译文档", ["translator"]),
        ("文档翻译", ["translator"]),
        ("错误", ["proofs"]),
        ("译翻", []),
        ("proofraeder", ["proofs"]),
        ("proofrader", ["proofs"]),
        ("subtitels", ["subtitles"]),
        ("!!!", []),
        ("", []),
    ],
)
def test_words_find_tools(catalogue: None, query: str, found: list[str]) -> None:
    assert slugs(query) == found


def test_the_best_come_first_the_title_before_tags_summary_and_description() -> None:
    make_tool("four", title="Other", description="About maps.", runs_week=900)
    make_tool("three", title="Another", summary="Draws maps.", runs_week=800)
    make_tool("two", title="Atlas", tags=["maps"], runs_week=700)
    make_tool("one", title="Old maps", runs_week=600)
    make_tool("begins", title="Maps of towns", runs_week=500)
    make_tool("whole", title="Maps", runs_week=1)

    assert slugs("maps") == ["whole", "begins", "one", "two", "three", "four"]
    assert slugs("map") == ["begins", "whole", "one", "two", "three", "four"]


def test_of_equal_ones_the_most_used_comes_first_and_then_the_newest() -> None:
    for slug, week, runs in (("a", 0, 0), ("b", 0, 0), ("c", 0, 900), ("d", 7, 10), ("e", 3000, 4000)):
        make_tool(slug, title="Maps", runs_week=week, runs=runs)

    assert slugs("maps") == ["e", "d", "c", "b", "a"]


def test_a_category_is_found_in_the_languages_of_the_site() -> None:
    make_tool("shout", category="writing")
    Category.objects.update(title="Writing")

    assert slugs("writing") == slugs("写作") == slugs("writing shout") == ["shout"]
    Category.objects.update(title="Fun & games")
    assert slugs("games") == ["shout"]
    assert slugs("writing") == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(category="writing"), ["one"]),
        (Filters(category="nothing"), []),
        (Filters(tag="Ünï cödé"), ["two"]),
        (Filters(tag="code"), []),
        (Filters(language="zh"), ["two"]),
        (Filters(language="ZH-Hans"), ["two"]),
        (Filters(language="zh-hant"), []),
        (Filters(language="en"), ["two", "one"]),
        (Filters(output="json"), ["two"]),
        (Filters(publisher="Ada L."), ["one"]),
        (Filters(category="code", tag="Ünï cödé", language="zh-hans", output="json", publisher=""), ["two"]),
        (Filters(category="writing", tag="Ünï cödé"), []),
    ],
)
@pytest.mark.parametrize("query", ["maps", ""])
def test_filters_narrow_what_is_found(filters: Filters, found: list[str], query: str) -> None:
    make_tool("one", title="Maps", category="writing", author="Ada L.")
    make_tool("two", title="Maps", category="code", tags=["Ünï cödé"], output="json", translations={"zh-Hans": {}})

    assert slugs(query, filters=filters) == found


@pytest.mark.parametrize("query", ["maps", "mpas", "m"])
@pytest.mark.parametrize("few", [3, 100])
def test_pages_have_each_tool_once_in_the_order_of_the_whole(
    query: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gptstore.catalog.search.find.FEW", few)
    for number in range(7):
        make_tool(f"t{number}", title=("Maps", "Old maps", "Other")[number % 3], tags=["maps"], runs_week=number)
    tools = Tool.objects.listed()
    whole = find(tools, query, limit=50)

    pages = [find(tools, query, limit=2)]
    while pages[-1].after:
        pages.append(find(tools, query, limit=2, after=pages[-1].after))

    assert [tool.slug for page in pages for tool in page.tools] == [tool.slug for tool in whole.tools]
    assert len(whole.tools) == whole.count == pages[0].count == 7
    assert [len(page.tools) for page in pages] == [2, 2, 2, 1]
    assert find(tools, query, limit=3, offset=2).tools == whole.tools[2:5]
    assert bool(whole.corrections) == (query == "mpas")


def test_the_count_ends_at_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gptstore.catalog.search.find.FEW", 2)
    monkeypatch.setattr("gptstore.catalog.search.find.MAX_COUNTED", 4)
    for number in range(6):
        make_tool(f"t{number}", title="Maps")

    assert find(Tool.objects.listed(), "maps").count == 4
    assert find(Tool.objects.listed(), "maps", offset=3, limit=3).tools == [Tool.objects.get(slug="t2")]
    assert find(Tool.objects.listed(), "maps", offset=4).tools == []


@pytest.mark.parametrize("cursor", ["x", "9-1", "1-", "1-" + "9" * 19, "1-1\0", "-1-5", "１-1"])
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(WrongCursor):
        find(Tool.objects.listed(), "maps", after=cursor)


def test_what_was_typed_is_only_corrected_where_nothing_is_found() -> None:
    make_tool("form", title="Form letters")
    make_tool("from", title="From words to pictures")

    assert slugs("from") == ["from"]
    assert find(Tool.objects.listed(), "form pictures").corrections == {"form": ["from"]}
    assert slugs("form pictures") == ["from"]


@pytest.mark.parametrize(
    ("word", "other", "near"),
    [
        ("translate", "tanslate", True),
        ("translate", "trnaslate", True),
        ("translate", "translater", True),
        ("translate", "trbnslate", True),
        ("translate", "ranslate", True),
        ("translate", "translaet", True),
        ("translate", "trslate", False),
        ("translate", "tarnslaet", False),
        ("перевод", "первеод", True),
        ("a", "ab", True),
    ],
)
def test_one_mistake_is_one_letter_or_two_neighbours(word: str, other: str, near: bool) -> None:
    assert is_one_mistake(word, other) is is_one_mistake(other, word) is near
    if near and len(word) > 3:
        remember(connection, {word})
        assert corrections_of(other) == [word]


@pytest.mark.parametrize(
    "query", ["'", '"', "\\", "a'b", '"a" OR b', "a* NOT b", "(", "a:b", "\0", "\ud800", "ǆ" * 200, "字" * 200]
)
def test_what_means_something_to_a_database_means_nothing_here(query: str) -> None:
    make_tool("shout", title="Other")

    assert slugs(query) == []
