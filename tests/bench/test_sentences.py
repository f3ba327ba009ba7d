"""The comparison of splitters of sentences."""

from bench.sentences.__main__ import is_right, table
from bench.sentences.splitters import ours
from bench.sentences.texts import golden, own, sets

MAX_DIFFERENT = {"golden": 1, "golden_others": 11, "own": 0}
"""What docs/benchmarks.md says; each of them is explained there."""


def test_no_more_texts_differ_than_the_docs_explain() -> None:
    different = {name: sum(not is_right(ours, sample) for sample in samples) for name, samples in sets().items()}

    assert different == MAX_DIFFERENT


def test_the_golden_rules_are_117_in_the_main_languages() -> None:
    assert len(sets()["golden"]) == 117
    assert {sample.language for sample in own()} <= {sample.language for sample in golden()}


def test_the_table_has_a_line_for_each_splitter() -> None:
    part = {"different": 1, "texts": 2, "text_given_back": 2}
    figures = {
        "version": "1.0",
        "golden": part,
        "golden_others": part,
        "own": part,
        "seconds_per_million_characters": 1,
    }

    assert table({"a": figures, "b": figures}).splitlines()[2:] == [
        "| a 1.0 | 1 of 2 | 1 of 2 | 1 of 2 | 6 of 6 | 1 |",
        "| b 1.0 | 1 of 2 | 1 of 2 | 1 of 2 | 6 of 6 | 1 |",
    ]
