"""The texts with known sentences: the golden rules, and lists of our own.

golden.json: the test cases that pySBD 0.3.4 has for these languages (MIT, Copyright (c) 2019 Nipun Sadvilkar), most of
them the Golden Rules of pragmatic_segmenter (MIT, Copyright (c) 2015 Kevin S. Dias). own.toml: written for this store.
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
MAIN = ("en", "fr", "de", "es", "zh")
UNSPACED = ("zh", "ja")


@dataclass(frozen=True)
class Sample:
    language: str
    text: str
    sentences: tuple[str, ...]


def golden() -> list[Sample]:
    found = json.loads((FOLDER / "golden.json").read_text(encoding="utf-8"))
    return [Sample(lang, row["text"], tuple(row["sentences"])) for lang, rows in found.items() for row in rows]


def own() -> list[Sample]:
    found = tomllib.loads((FOLDER / "own.toml").read_text(encoding="utf-8"))
    return [
        Sample(lang, ("" if lang in UNSPACED else " ").join(sentences), tuple(sentences))
        for lang, rows in found.items()
        for sentences in rows
    ]


def sets() -> dict[str, list[Sample]]:
    rules = golden()
    return {
        "golden": [sample for sample in rules if sample.language in MAIN],
        "golden_others": [sample for sample in rules if sample.language not in MAIN],
        "own": own(),
    }
