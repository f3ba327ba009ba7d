"""Names are the field's words: what a stranger would search for, or what the glossary of ARCHITECTURE.md explains."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [
    "gptstore",
    "worker",
    "training",
    "harness",
    "scripts",
    *(str(path) for path in ROOT.glob("plugins/*/gptstore_*")),
]
FIELD = set((Path(__file__).parent / "field_words.txt").read_text().split())
RETIRED = {
    "mailroom": "event_writer",
    "parcel": "pending",
    "keeper": "supervisor",
    "outlook": "wait_estimate",
    "lookout": "estimator",
    "pulse": "heartbeat",
    "shelter": "open_host",
    "node": "worker_process",
    "home": "plugin_config",
    "trial": "probe",
    "family": "processes",
    "excess": "outcome",
    "teller": "notifier",
    "partial": "output_so_far",
    "missing": "unservable",
    "asked": "convert",
    "alive": "healthcheck",
    "warm": "fork_server",
    "front": "engine_thread",
    "ticket": "request_state",
    "writing": "generation",
    "crew": "cpu_threads",
    "chances": "exact_weights",
    "network": "patched_model",
    "codec": "tokenizer",
    "extents": "allocator",
    "promise": "response_check",
    "refusal": "errors",
    "conversation": "completion",
    "disguise": "entity_swap",
    "gists": "extractive_summaries",
    "mini": "bundled_model",
    "utils": "the noun that it is about",
    "helpers": "the noun that it is about",
}
"""Words that named a module here once, and what a stranger searches for instead."""


def modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts)


def words_of(path: Path) -> set[str]:
    return set(path.stem.strip("_").lower().split("_")) | set(path.parent.name.lower().split("_"))


def glossary() -> set[str]:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## Words")[1].split("\n## ")[0]
    words = {word for term in re.findall(r"^\| ([a-z ]+) \|", page, re.MULTILINE) for word in term.split()}
    return words | {f"{word}s" for word in words}


def test_every_module_is_named_by_words_of_the_field_or_the_glossary() -> None:
    unknown = {word: str(path.relative_to(ROOT)) for path in modules() for word in words_of(path) - FIELD - glossary()}

    assert unknown == {}, (
        "Name the module by a word that a stranger would search for. If there is none, explain the word in the "
        "glossary of ARCHITECTURE.md; if the field uses it, add it to tests/architecture/field_words.txt."
    )


def test_no_word_is_listed_that_names_nothing() -> None:
    used = {word for path in modules() for word in words_of(path)}

    assert FIELD - used == set()


def test_retired_words_name_no_module() -> None:
    found = {
        str(path.relative_to(ROOT)): RETIRED[word] for path in modules() for word in words_of(path) & RETIRED.keys()
    }

    assert found == {}, "use the word beside it"


def test_retired_words_name_no_class() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.lower().strip("_") in RETIRED
    }

    assert found == set()


def test_limits_are_called_max_and_min() -> None:
    mannered = re.compile(r"^_?(MOST|LONGEST|LARGEST|LEAST|FEWEST|SHORTEST|SMALLEST)_[A-Z_]+ *[:=]", re.MULTILINE)

    assert [str(path) for path in modules() if mannered.search(path.read_text(encoding="utf-8"))] == []
