"""Writes the model's answers to inputs that it has never seen as Markdown, unselected and unedited."""

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from training.evaluation.report import MODEL, TOOL

SHOWN = 20
PER_DIRECTION = 3

Said = dict[str, Any]


def write_page(said: Sequence[Said]) -> str:
    """Show the first rows of each skill. said: the rows and answers of a measurement with tools, in its order."""
    by_skill = {name: list(rows) for name, rows in groupby(said, key=lambda one: str(one["skill"]))}
    directions = [row for name, rows in by_skill.items() if "→" in name for row in rows[:PER_DIRECTION]]
    parts = [
        ("Question answering", _questions(by_skill["qa"][:SHOWN])),
        ("Summaries", _summaries(by_skill["summarize"][:SHOWN])),
        ("Translation", _translations(directions)),
        ("Code", _programs(by_skill["code, own tasks"][:SHOWN])),
    ]
    return "\n\n".join(f"### {title}\n\n" + "\n\n".join(lines) for title, lines in parts) + "\n"


def _questions(said: Iterable[Said]) -> Iterator[str]:
    for number, one in enumerate(said, start=1):
        row, answers = one["row"], one["answers"]
        yield (
            f"{number}. **{_line(row['question'])}** → {_line(_answer(answers[TOOL]))}  \n"
            f"   people: {_line(row['gold'])}\n\n{_folded('the passage', row['passage'])}"
        )


def _summaries(said: Iterable[Said]) -> Iterator[str]:
    for number, one in enumerate(said, start=1):
        row, answers = one["row"], one["answers"]
        yield (
            f"{number}. {_line(_answer(answers[TOOL]))}  \n"
            f"   people: {_line(row['gold'])}\n\n{_folded('the text', row['text'])}"
        )


def _translations(said: Iterable[Said]) -> Iterator[str]:
    lines = ["| | sentence | model | people |", "| --- | --- | --- | --- |"]
    for one in said:
        row = one["row"]
        cells = ("→".join(row["languages"]), row["source"], one["answers"][MODEL], row["gold"][0])
        lines.append("| " + " | ".join(_line(cell).replace("|", "\\|") for cell in cells) + " |")
    yield "\n".join(lines)


def _programs(said: Iterable[Said]) -> Iterator[str]:
    for number, one in enumerate(said, start=1):
        code = one["answers"][TOOL].strip() or "(no code that parses after four attempts: the tool says so)"
        block = "\n".join(f"   {line}".rstrip() for line in ["```", *code.splitlines(), "```"])
        yield f"{number}. {_line(one['row']['task'])}\n\n{block}"


def _answer(answer: str) -> str:
    """Return the tool's answer, without the sentences of the passage that it quotes below an answer of the model."""
    remark, _, rest = answer.partition("\n\n")
    if "chosen from the text" in remark.lower():
        return f"(chosen from the text) {rest.removeprefix('>').strip()}"
    return answer.partition("\n\n**From the passage:**")[0]


def _folded(title: str, text: str) -> str:
    return f"   <details><summary>{title}</summary>{html.escape(' '.join(text.split()))}</details>"


def _line(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=False).replace("*", "\\*").replace("_", "\\_")
