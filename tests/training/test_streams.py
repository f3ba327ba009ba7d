from pathlib import Path
from random import Random

import pytest

from training import corpus as corpus_module
from training.streams import load_streams, read_streams

LANGUAGES = ("fr", "de", "es", "zh")


def test_every_task_and_language_has_a_stream_and_the_shares_add_up(corpus: Path) -> None:
    streams = load_streams(corpus)
    assert {stream.name for stream in streams} == {
        *("qa", "summarize", "code", "text", "instruct", "ask", "gist", "program", "pivot"),
        *(f"translate-{language}" for language in LANGUAGES),
    }
    assert sum(stream.share for stream in streams) == pytest.approx(1.0)


def test_an_example_depends_on_seed_and_number_alone(corpus: Path) -> None:
    for first, second in zip(load_streams(corpus), load_streams(corpus), strict=True):
        numbers = (0, 3, len(first.rows) + 7, 3)
        assert [first.example(1, number) for number in numbers] == [second.example(1, number) for number in numbers]


def test_each_epoch_takes_every_row_once_in_another_order(corpus: Path) -> None:
    code = next(stream for stream in load_streams(corpus) if stream.name == "code")
    rows = len(code.rows)
    first, second = ([code.example(1, number).answer for number in range(rows * n, rows * (n + 1))] for n in (0, 1))
    assert sorted(first) == sorted(second) == sorted(source + "\n" for _, source in code.rows)
    assert first != second


def test_held_out_rows_share_no_first_field_with_trained_rows(corpus: Path) -> None:
    rows = [f'{{"context": "passage {n // 3}", "question": "q{n}?", "answer": "a{n}"}}\n' for n in range(3000)]
    (corpus / "qa.jsonl").write_text("".join(rows))
    qa = read_streams(corpus)[0]
    assert len(qa.rows) + len(qa.held_out) == 3000
    assert 0 < len(qa.held_out) < 90
    assert not {row[0] for row in qa.rows} & {row[0] for row in qa.held_out}


def test_answers_stay_in_passages_that_are_framed_and_disguised(corpus: Path) -> None:
    streams = {stream.name: stream for stream in load_streams(corpus)}
    for name in ("qa", "ask"):
        examples = [streams[name].example(1, number) for number in range(300)]
        asked = [example for example in examples if example.prompt]
        assert len(asked) > 200
        for example in asked:
            passage = example.prompt.split("Passage: ", 1)[1].rsplit("\n\nQuestion:", 1)[0]
            assert example.answer.strip() in passage


def test_languages_are_paired_through_english(corpus: Path) -> None:
    pivot = next(stream for stream in load_streams(corpus) if stream.name == "pivot")
    assert {(row[1], row[3]) for row in pivot.rows} == {
        *(("de", "es"), ("de", "fr"), ("de", "zh"), ("es", "fr"), ("es", "zh"), ("fr", "zh"))
    }
    assert "English" not in pivot.make(pivot.rows[0], Random(1)).prompt


def test_missing_file_is_named(corpus: Path) -> None:
    (corpus / "qa.jsonl").unlink()
    with pytest.raises(corpus_module.CorpusError, match=r"neither qa\.jsonl\.xz nor qa\.jsonl"):
        load_streams(corpus)


def test_broken_row_is_named(corpus: Path) -> None:
    with (corpus / "qa.jsonl").open("a") as file:
        file.write('{"context": "no question"}\n')
    with pytest.raises(corpus_module.CorpusError, match="qa, row 65: expected an object with context, question"):
        load_streams(corpus)
