"""A tiny corpus in the format of the real one, made here, so that no test needs the real one."""

import json
from pathlib import Path

import pytest

ANIMALS = ("cat", "dog", "horse", "bird", "fish", "cow", "fox", "bear")
PLACES = ("garden", "house", "forest", "river", "field", "town", "street", "barn")
ROWS = [(animal, place) for animal in ANIMALS for place in PLACES]


def write_rows(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_corpus(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    sentences = [f"The {animal} is in the {place}." for animal, place in ROWS]
    questions = [
        {"context": f"The {a} is in the {p}.", "question": f"Where is the {a}?", "answer": f"in the {p}"}
        for a, p in ROWS
    ]
    pairs = [
        {"source": sentence, "target": f"({language}) {sentence}", "from": "en", "to": language}
        for language in ("fr", "de", "es", "zh")
        for sentence in sentences
    ]
    write_rows(folder, "qa", questions)
    write_rows(folder, "summarize", [{"text": f"{s} {s} It sleeps.", "summary": s} for s in sentences])
    write_rows(folder, "translate", pairs)
    write_rows(folder, "code", [{"instruction": f"Return {a} {p}.", "code": f"{a} = '{p}'"} for a, p in ROWS])
    write_rows(folder, "text", [{"text": "\n\n".join(sentences[n : n + 20])} for n in range(0, 60, 3)])
    write_rows(folder, "instruct", [{"instruction": s, "input": "", "output": s.upper()} for s in sentences])
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")
