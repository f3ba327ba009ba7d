"""What people see first: the examples of the built-in tools, run on the bundled model."""

from collections.abc import Iterator

import pytest

from gptstore.sdk.testing import run
from training.evaluation.tools import EngineModel
from training.prompts import plugin_module
from training.sample import MODEL
from worker.engine.local.loading import load_engine
from worker.engine.protocol import Engine

SAID = {
    "The first landing on the Moon": "Neil Armstrong\n",
    "Opening hours of a library": "18 euros\n",
    "How bees tell each other the way": "the distance\n",
    "Why the sea rises twice a day": "Twice a day, on most coasts of the world, the sea rises and falls.",
    "Minutes of a residents' meeting": "After a discussion of forty minutes the meeting decided",
    "A square without cars, in one sentence": "The town council has decided to close the market square to cars",
    "A letter, into French": "J'espère qu'il ne pleuvra pas.",
    "A day, from German": "I get up at six every morning. My brother is still sleeping.",
    "A rainy day in Chinese, language detected": "I can speak a little Chinese.",
    "The longest word of a sentence": "return max(text.split(), key=len)",
    "The three largest numbers": "return sorted(numbers, reverse=True)[:3]",
    "Leap years": "year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)",
}
EXAMPLES = [
    (tool, example)
    for package in ("gptstore_qa", "gptstore_summarizer", "gptstore_translator", "gptstore_code_writer")
    for tool in plugin_module(package, "tool").gptstore_tools()
    for example in tool.examples
]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    loaded = load_engine(str(MODEL), device="cpu")
    yield loaded
    loaded.close()


@pytest.mark.parametrize(("tool", "example"), EXAMPLES, ids=[example.title for _, example in EXAMPLES])
def test_an_example_gives_an_answer_that_makes_sense(engine: Engine, tool: object, example: object) -> None:
    output = run(tool, example.input, model=EngineModel(engine)).output
    assert SAID[example.title] in output
