"""Which parameters make sense is one rule, for the SDK's test double and for every engine."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from llguidance import LLMatcher

from gptstore.sdk import Context, ParameterError, tool
from gptstore.sdk.answer_schema import check_schema
from gptstore.sdk.call import make_call
from gptstore.sdk.host import messages
from gptstore.sdk.host.job import execute
from gptstore.sdk.testing import ScriptedModel, run
from tests.text.rows import read_rows
from tests.worker.engine.listener import ask
from worker.engine.errors import BadRequest, EngineError
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.params import SamplingParams, read_schema
from worker.engine.protocol import Message, Prompt
from worker.engine.remote.response import ResponseCheck
from worker.engine.remote.server import Server
from worker.engine.sampling.schema import _JSON_STYLE
from worker.hosts.convert import as_params


def refusal_of(call: Any, error: type[Exception]) -> str:
    """Return the message with which it is refused, or "taken"."""
    try:
        call()
    except error as refusal:
        return str(refusal)
    return "taken"


@pytest.mark.parametrize("row", read_rows("parameters"))
def test_the_double_refuses_what_an_engine_refuses_and_says_which_it_is(row: dict[str, Any]) -> None:
    double = refusal_of(lambda: ScriptedModel("yes").complete("go", **row["input"]), ParameterError)
    assert row["right"] in double


@pytest.mark.parametrize("row", read_rows("parameters"))
def test_an_engine_refuses_them_in_the_same_words(row: dict[str, Any]) -> None:
    given = dict(row["input"])
    if isinstance(stop := given.get("stop"), str | list):
        given["stop"] = (stop,) if isinstance(stop, str) else tuple(stop)
    engine = refusal_of(lambda: SamplingParams(**given), BadRequest)
    assert engine == refusal_of(lambda: make_call("go", row["input"]), ParameterError)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "params",
    [
        {"stop": ["x"] * 65},
        {"stop": "x" * 1001},
        {"seed": 2**63},
        {"max_tokens": -(10**5000)},
        {"temperature": 10**400},
    ],
)
def test_too_many_too_long_and_too_large_are_refused_by_name(params: dict[str, Any]) -> None:
    assert next(iter(params)) in refusal_of(lambda: ScriptedModel("yes").stream("go", **params), ParameterError)


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k", "min_p", "repetition_penalty", "stop", "max_tokens"])
def test_none_is_as_good_as_leaving_one_out(name: str) -> None:
    assert ScriptedModel("yes").complete("go", **{name: None}) == "yes"  # type: ignore[arg-type]
    assert as_params(make_call("go", {name: None})) == SamplingParams()  # type: ignore[misc]


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(TypeError, match="takes no 'top_q'"):
        ScriptedModel("yes").complete("go", top_q=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "choices", [["a", 5], ["x" * 65_537], [str(number) for number in range(1001)], ["x" * 100] * 700]
)
def test_choices_that_no_engine_takes_are_refused(choices: list[Any]) -> None:
    with pytest.raises(ParameterError, match="choices"):
        ScriptedModel("a").choose(choices, "go")
    with pytest.raises(BadRequest, match="choices"):
        SamplingParams(choices=tuple(choices))


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ("", "prompt is empty"),
        ([], "no messages"),
        ([{"role": "tool", "content": "a"}], "role of a message is one of"),
        ([{"role": "user"}], "a role and a content"),
        ([{"role": "user", "content": "a", "images": ["b"]}], "nothing else"),
        (
            [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
            "must be a text, not list",
        ),
        (["Hello"], "is a dict with"),
    ],
)
def test_prompts_that_no_engine_takes_are_refused(prompt: Any, reason: str) -> None:
    with pytest.raises(ParameterError, match=reason):
        ScriptedModel("a").complete(prompt)
    with pytest.raises(ParameterError, match=reason):
        ScriptedModel("a").score(prompt, "b")


@pytest.mark.parametrize(
    ("prompt", "is_chat", "reason"),
    [
        ("", True, "prompt is empty"),
        ((), True, "no messages"),
        ((Message("tool", "a"),), True, "role of a message is one of"),  # type: ignore[arg-type]
        ((Message("user", "a"),), False, "no chat template"),
    ],
)
def test_the_scripted_engine_refuses_prompts_as_the_real_ones_do(prompt: Prompt, is_chat: bool, reason: str) -> None:
    engine = ScriptedEngine(lambda _: ["yes"], is_chat=is_chat)
    error = ask(engine, prompt).wait_for_finish("only").error
    engine.close()
    assert isinstance(error, BadRequest)
    assert reason in error.message


@pytest.mark.parametrize("row", read_rows("schemas"))
def test_every_engine_and_the_double_agree_on_a_schema(row: dict[str, Any]) -> None:
    def compile_it() -> None:
        if problem := LLMatcher.validate_grammar(LLMatcher.grammar_from_json_schema(schema, overrides=_JSON_STYLE)):
            raise ValueError(problem)

    schema, text = row["input"], json.dumps(row["input"])
    server = Server("http://localhost", "m", context_length=100, is_chat=True, is_vllm=True)
    found = {
        "llguidance": refusal_of(compile_it, ValueError) == "taken",
        "double": refusal_of(lambda: make_call("go", {}, schema=schema), ParameterError) == "taken",
        "local": refusal_of(lambda: read_schema(text), BadRequest) == "taken",
        "remote": refusal_of(lambda: ResponseCheck(SamplingParams(schema=text), server), BadRequest) == "taken",
        "scripted": scripted_error(SamplingParams(schema=text)) is None,
    }
    assert found == dict.fromkeys(found, row["right"] == "taken")


def scripted_error(params: SamplingParams) -> EngineError | None:
    engine = ScriptedEngine(lambda _: ["{}"])
    error = ask(engine, "go", schema=params.schema).wait_for_finish("only").error
    engine.close()
    return error


@pytest.mark.parametrize("schema", [[], "object", {"enum": ["x" * 70_000]}, {"multipleOf": 1234567}])
def test_a_schema_over_a_limit_is_refused_without_compiling_it(schema: Any) -> None:
    with pytest.raises(ParameterError, match="schema"):
        check_schema(schema)


def test_a_schema_that_is_nested_too_deeply_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"items": deep}
    with pytest.raises(ParameterError, match="nested too deeply"):
        check_schema(deep)


@tool
def asks_nonsense(ctx: Context) -> str:
    """Ask with a temperature that makes no sense."""
    return ctx.model.complete("go", temperature=float("nan"))


def test_in_the_sandbox_the_same_call_ends_the_job_with_the_same_words() -> None:
    start = messages.Start(tool="asks-nonsense", input={}, model="m", context_length=100, is_chat=False)
    plugins: Any = SimpleNamespace(find=lambda _: asks_nonsense)
    channel: Any = None  # nothing is sent: the child itself refuses

    ending = execute(start, channel, plugins)

    words = "temperature must be 0 or more, not nan."
    assert ending == messages.Failed(reason="parameters", message=words)
    with pytest.raises(ParameterError, match=words):
        run(asks_nonsense)
