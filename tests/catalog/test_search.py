"""Finding tools by words, in both databases alike."""

import pytest
from django.contrib.auth.models import AnonymousUser

from gptstore.catalog.models import Tool
from gptstore.catalog.search.find import find
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


def slugs(query: str, **options: object) -> list[str]:
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
