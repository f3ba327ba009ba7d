"""What splits text into sentences: ours, and the libraries that are installed."""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

from gptstore.sdk.text import split_sentences

Splitter = Callable[[str, str], list[str]]
"""Takes a text and its language, as a code of two letters."""


def ours(text: str, language: str) -> list[str]:
    return split_sentences(text)


def with_pysbd(library: Any) -> Splitter:
    known = import_module("pysbd.languages").LANGUAGE_CODES
    segmenters = {code: library.Segmenter(language=code, clean=False) for code in known}
    return lambda text, language: list(segmenters.get(language, segmenters["en"]).segment(text))


def with_syntok(library: Any) -> Splitter:
    analyze = import_module("syntok.segmenter").analyze

    def split(text: str, language: str) -> list[str]:
        sentences = [sentence for paragraph in analyze(text) for sentence in paragraph]
        starts = [sentence[0].offset for sentence in sentences]
        return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]

    return split


def with_sentencex(library: Any) -> Splitter:
    return lambda text, language: list(library.segment(language, text))


def with_icu(library: Any) -> Splitter:
    def split(text: str, language: str) -> list[str]:
        breaks = library.BreakIterator.createSentenceInstance(library.Locale(language))
        wide = library.UnicodeString(text)  # counts UTF-16 units, as the breaks do
        breaks.setText(wide)
        ends = list(breaks)
        return [str(wide[start:end]) for start, end in zip([0, *ends], ends, strict=False)]

    return split


LIBRARIES = {
    "pysbd": ("pysbd", with_pysbd),
    "syntok": ("syntok", with_syntok),
    "sentencex": ("sentencex", with_sentencex),
    "PyICU": ("icu", with_icu),
}


def installed() -> dict[str, tuple[str, Splitter]]:
    """Return the version and the function of each, by name; what isn't installed is left out."""
    found: dict[str, tuple[str, Splitter]] = {"gptstore": ("", ours)}
    for name, (module, adapt) in LIBRARIES.items():
        try:
            library = import_module(module)
        except ImportError:
            continue
        found[name] = (version(name), adapt(library))
    return found
