"""Comparison under NFC, with the user's own characters given back."""

from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from gptstore.sdk.graphemes import graphemes, is_grapheme_border
from gptstore.sdk.normalized import Normalized, nfc

LETTERS = st.text(st.sampled_from("aeé\u0301\u0308\u0323क\u093cড়র\u09bc\u1100\u1161\u11a8가\u11a8שּ"))
DECOMPOSED = st.text() | LETTERS | st.text().map(lambda text: normalize("NFD", text))


def test_what_is_found_in_one_form_is_shown_in_the_other() -> None:
    normalized = Normalized("Le cafe\u0301 de Ame\u0301lie")
    start = normalized.text.index("é de Amé")

    assert normalized.original_of(start, start + len("é de Amé")) == "e\u0301 de Ame\u0301"
    assert normalized.original_span(start, start + 1) == (6, 8)


@given(DECOMPOSED)
def test_it_is_unicodes_normal_form(text: str) -> None:
    assert Normalized(text).text == nfc(text) == normalize("NFC", text)
    assert "".join(graphemes(text)) == text


@given(DECOMPOSED, st.data())
def test_each_span_is_a_part_of_the_original_that_looks_the_same(text: str, data: st.DataObject) -> None:
    normalized = Normalized(text)
    start = data.draw(st.integers(0, len(normalized.text)))
    end = data.draw(st.integers(start, len(normalized.text)))

    first, last = normalized.original_span(start, end)

    assert 0 <= first <= last <= len(text)
    assert normalized.original_of(start, end) == text[first:last]
    assert normalized.text[start:end] in nfc(text[first:last])
    if is_grapheme_border(normalized.text, start) and is_grapheme_border(normalized.text, end):
        assert nfc(text[first:last]) == normalized.text[start:end]
    assert normalized.original_of(0, len(normalized.text)) == text
