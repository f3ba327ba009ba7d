"""The whole measurement with scripted engines: models of which it is known how good they are."""

from collections.abc import Callable, Iterator

import pytest

from training import prompts
from training.evaluation.answers import score_texts, write_answers
from training.evaluation.measurement import Measurement
from training.evaluation.qa import question_skill
from training.evaluation.report import MODEL, TOOL, Report, Result
from training.evaluation.skill import ModelInput
from training.evaluation.tools import use_tools
from training.stream import Stream
from training.tasks import question
from worker.engine.errors import EngineError
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.protocol import Request

ROWS = [
    ("The mill stands in Corsham. Mary Hill built it.", "Who built the mill?", "Mary Hill"),
    ("Ada lives in Rome. She has two dogs.", "Where does Ada live?", "Rome"),
]
GOLD = {prompts.qa_prompt(passage, asked): answer for passage, asked, answer in ROWS}


@pytest.fixture
def open_engine() -> Iterator[Callable[..., ScriptedEngine]]:
    opened: list[ScriptedEngine] = []

    def start(say: Callable[[Request], list[str]], context_length: int = 1024) -> ScriptedEngine:
        opened.append(ScriptedEngine(say, is_chat=False, context_length=context_length))
        return opened[-1]

    yield start
    for engine in opened:
        engine.close()


def know_all(request: Request) -> list[str]:
    return [f" {GOLD[str(request.prompt)]}", "\n", "Question: more?"]


def measurement() -> Measurement:
    skill = question_skill(Stream("qa", 0.1, [], ROWS, question))
    return Measurement([skill], [], Report(results={skill.name: Result(len(skill.rows))}))


def test_answers_come_in_order_up_to_their_stop(open_engine: Callable[..., ScriptedEngine]) -> None:
    asked = [ModelInput(prompt, ("\n",), 8) for prompt in GOLD]
    assert write_answers(open_engine(know_all), asked) == [" Mary Hill", " Rome"]


def test_answers_are_the_likeliest_ones(open_engine: Callable[..., ScriptedEngine]) -> None:
    seen: list[Request] = []
    write_answers(open_engine(lambda request: seen.append(request) or ["x"]), [ModelInput("a", ("b",), 3)])
    assert (seen[0].params.temperature, seen[0].params.stop, seen[0].params.max_tokens) == (0, ("b",), 3)


def test_a_prompt_that_does_not_fit_has_an_empty_answer(open_engine: Callable[..., ScriptedEngine]) -> None:
    engine = open_engine(lambda request: ["fine"], context_length=4)
    assert write_answers(engine, [ModelInput("one two", (), 1), ModelInput("one two three four five", (), 1)]) == [
        "fine",
        "",
    ]


def test_a_model_that_knows_all_is_right_alone_and_through_the_tool(
    open_engine: Callable[..., ScriptedEngine],
) -> None:
    measured = measurement()
    engine = open_engine(know_all)
    for skill in measured.skills:
        measured.measure(skill, engine, MODEL)
    measured.measure_tools(engine)
    figures = measured.report.results["qa"].figures
    for name in (MODEL, TOOL):
        assert figures[name] == {
            **dict.fromkeys(("exact_match", "f1", "sentence_right", "sentence_f1"), 100),
            "sentence_rows": 2,
            "chosen": 0,
        }
    first = next(iter(measured.records()))
    assert first["row"] == {"passage": ROWS[0][0], "question": ROWS[0][1], "gold": "Mary Hill"}
    assert first["answers"][MODEL] == " Mary Hill"
    assert first["answers"][TOOL].startswith("Mary Hill\n\n**From the passage:**")


def test_a_tool_asks_with_another_seed_each_time_and_with_the_same_ones_again(
    open_engine: Callable[..., ScriptedEngine],
) -> None:
    seeds: list[int | None] = []
    engine = open_engine(lambda request: seeds.append(request.params.seed) or ["Rome"])
    given = question_skill(Stream("qa", 0.1, [], ROWS, question)).use
    assert given is not None
    row = question_skill(Stream("qa", 0.1, [], ROWS, question)).rows[1]
    use_tools(engine, [given(row), given(row)])
    assert seeds == [0, 0]


def test_a_text_that_the_engine_refuses_to_score_is_an_error(open_engine: Callable[..., ScriptedEngine]) -> None:
    with pytest.raises(EngineError):
        score_texts(open_engine(know_all), [("A", " text")])
