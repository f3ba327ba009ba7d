"""Compares splitters of sentences on the golden rules and on our own lists: `python -m bench.sentences`; prints JSON.

pySBD, syntok, sentencex and PyICU take part where they are installed; nothing else needs them.
"""

import json
import sys
import time
from collections import Counter
from typing import Any

from bench.sentences.splitters import Splitter, installed
from bench.sentences.texts import Sample, sets

SHORT, LONG = 10_000, 40_000
"""Lengths in characters, to see whether time grows with the text or faster."""


def main() -> None:
    report = {name: measure(release, split) for name, (release, split) in installed().items()}
    print(json.dumps(report, indent=2, ensure_ascii=False))
    print(table(report), file=sys.stderr)


def measure(release: str, split: Splitter) -> dict[str, Any]:
    figures: dict[str, Any] = {"version": release}
    for name, samples in sets().items():
        different = [sample for sample in samples if not is_right(split, sample)]
        kept = sum("".join(pieces(split, sample)) == sample.text for sample in samples)
        figures[name] = {
            "texts": len(samples),
            "different": len(different),
            "by_language": Counter(sample.language for sample in different),
            "text_given_back": kept,
            "examples": [{"text": sample.text[:200], "found": pieces(split, sample)[:8]} for sample in different[:20]],
        }
    short, long = seconds(split, SHORT), seconds(split, LONG)
    figures["seconds_per_million_characters"] = long / LONG * 1e6
    figures["growth"] = long / short / (LONG / SHORT)
    return figures


def pieces(split: Splitter, sample: Sample) -> list[str]:
    try:
        return split(sample.text, sample.language)
    except Exception as error:  # a library that fails is a figure, too
        return [repr(error)]


def is_right(split: Splitter, sample: Sample) -> bool:
    """Return whether the sentences are the same; the kind and amount of white space makes no difference."""
    found = [" ".join(piece.split()) for piece in pieces(split, sample)]
    return [piece for piece in found if piece] == [" ".join(sentence.split()) for sentence in sample.sentences]


def seconds(split: Splitter, length: int) -> float:
    """Return the processor time of a text of English samples, the best of three."""
    text = " ".join(sample.text for sample in sets()["own"] if sample.language == "en")
    text = (text * (length // len(text) + 1))[:length]
    times = []
    for _ in range(3):
        started = time.process_time()
        split(text, "en")
        times.append(time.process_time() - started)
    return min(times)


def table(report: dict[str, Any]) -> str:
    lines = [
        "| splitter | golden rules that differ | in other languages | own lists | gives the text back | s per MB |"
    ]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for name, figures in report.items():
        found = [figures[key] for key in ("golden", "golden_others", "own")]
        counts = [f"{part['different']} of {part['texts']}" for part in found]
        kept = f"{sum(part['text_given_back'] for part in found)} of {sum(part['texts'] for part in found)}"
        label = f"{name} {figures['version']}".strip()
        speed = f"{figures['seconds_per_million_characters']:.2g}"
        lines.append(f"| {' | '.join([label, *counts, kept, speed])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
