"""Grapheme clusters: what a reader takes for one character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptstore.sdk.graphemes import MAX_CODE_POINTS, graphemes, is_grapheme_border, last_grapheme_border

MARKED = st.text(st.sampled_from("aé\u0301\u0308क्षि\u200d👩🏽❤\ufe0f🇩🇪가\u1100\u1161\u11a8ก็\r\n ."), max_size=40)


@pytest.mark.parametrize(
    "clusters",
    [
        ["e\u0301", "t", "e\u0301"],
        ["शा", "ह", "ज", "हाँ"],
        ["கி", "ழ", "க்", "கு"],
        ["ที่", "นี่"],
        ["שָׁ", "ל", "וֹ", "ם"],
        ["\u1100\u1161\u11a8", "가"],
        ["👩\u200d👩\u200d👧", "🇩🇪", "🇫🇷", "👍🏽"],
        ["\r\n", "\n", "\r"],
    ],
    ids="".join,
)
def test_letters_keep_their_marks_and_emoji_their_parts(clusters: list[str]) -> None:
    text = "".join(clusters)

    assert graphemes(text) == clusters
    ends = [len("".join(clusters[:count])) for count in range(len(clusters) + 1)]
    assert [position for position in range(len(text) + 1) if is_grapheme_border(text, position)] == ends


@given(st.text() | MARKED)
def test_a_border_that_is_found_from_nearby_is_one_of_the_whole_text(text: str) -> None:
    borders = {0}
    for cluster in graphemes(text):
        borders.add(max(borders) + len(cluster))

    for position in range(len(text) + 1):
        assert last_grapheme_border(text, position) == max(border for border in borders if border <= position)


def test_a_letter_under_endless_marks_may_be_cut() -> None:
    text = "a" + "\u0301" * 10 * MAX_CODE_POINTS

    position = 5 * MAX_CODE_POINTS
    assert position - MAX_CODE_POINTS <= last_grapheme_border(text, position) <= position
    assert last_grapheme_border(text, position) > 0
