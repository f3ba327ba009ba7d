from itertools import islice
from pathlib import Path

import pytest

from worker.mini import corpus as corpus_module
from worker.mini.streams import load_streams


def test_every_task_and_language_has_a_stream_and_the_shares_add_up(corpus: Path) -> None:
    streams = load_streams(corpus)
    assert {stream.name for stream in streams} == {
        *("qa", "summarize", "code", "text", "instruct"),
        *("translate-fr", "translate-de", "translate-es", "translate-zh"),
    }
    assert sum(stream.share for stream in streams) == pytest.approx(1.0)


def test_examples_can_be_continued_at_any_number_across_epochs(corpus: Path) -> None:
    stream = load_streams(corpus)[0]
    epochs = 2 * len(stream.rows) + 5
    whole = list(islice(stream.examples(seed=1, start=0), epochs))
    for start in (0, 3, len(stream.rows), len(stream.rows) + 7):
        assert list(islice(stream.examples(seed=1, start=start), 5)) == whole[start : start + 5]
    assert set(whole[: len(stream.rows)]) == set(whole[len(stream.rows) : 2 * len(stream.rows)])


def test_held_out_rows_share_no_first_field_with_trained_rows(corpus: Path) -> None:
    rows = [f'{{"context": "passage {n // 3}", "question": "q{n}?", "answer": "a{n}"}}\n' for n in range(3000)]
    (corpus / "qa.jsonl").write_text("".join(rows))
    qa = load_streams(corpus)[0]
    assert len(qa.rows) + len(qa.held_out) == 3000
    assert 0 < len(qa.held_out) < 90
    assert not {row[0] for row in qa.rows} & {row[0] for row in qa.held_out}


def test_missing_file_is_named(corpus: Path) -> None:
    (corpus / "qa.jsonl").unlink()
    with pytest.raises(corpus_module.CorpusError, match=r"neither qa\.jsonl\.xz nor qa\.jsonl"):
        load_streams(corpus)


def test_broken_row_is_named(corpus: Path) -> None:
    with (corpus / "qa.jsonl").open("a") as file:
        file.write('{"context": "no question"}\n')
    with pytest.raises(corpus_module.CorpusError, match="qa, row 65: expected an object with context, question"):
        load_streams(corpus)
