"""Chat templates and thinking where the model runs on another server, which nobody can ask for its template."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from tests.text.chat_templates import TEMPLATES
from tests.text.rows import read_rows
from tests.text.test_thinking import cut
from tests.worker.engine.listener import Listener, ask
from tests.worker.engine.model_server import Call, ModelServer, serving
from tests.worker.engine.models import byte_level_tokenizer
from worker.engine.errors import ModelLoadError
from worker.engine.protocol import Message
from worker.engine.remote.connect import open_remote
from worker.engine.remote.engine import RemoteEngine

CHAT = (Message("system", "Be brief."), Message("user", "Why?"))
THINKING = [row for row in read_rows("thinking") if row.values[0]["input"]]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving(context_length=20_000) as server:
        server.has |= {"detokenize"}
        yield server


@pytest.fixture
def connect(server: ModelServer) -> Iterator[Any]:
    made: list[RemoteEngine] = []

    def connect(template: str = "chatml") -> RemoteEngine:
        server.prompt = template_of(template)
        made.append(open_remote(server.url, patience_s=5))
        return made[-1]

    yield connect
    for engine in made:
        engine.close()


def template_of(name: str) -> Any:
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level_tokenizer(), chat_template=TEMPLATES[name])

    def render(body: dict[str, Any]) -> str:
        switches = body.get("chat_template_kwargs", {})
        try:
            text = tokenizer.apply_chat_template(
                body["messages"], tokenize=False, add_generation_prompt=True, **switches
            )
        except Exception as error:
            raise ValueError(str(error)) from error
        return f"<s> {text}"

    return render


def sent(server: ModelServer) -> dict[str, Any]:
    return server.completions()[-1].body


def thoughts(heard: Listener) -> str:
    return "".join(output.thoughts for output in heard.outputs).strip()


@pytest.mark.parametrize("template", ["gemma", "mistral", "phi", "first message", "last message"])
def test_a_system_whose_words_are_refused_or_dropped_is_folded(
    server: ModelServer, connect: Any, template: str
) -> None:
    ask(connect(template), CHAT, max_tokens=2)

    assert sent(server)["messages"] == [{"role": "user", "content": "Be brief.\n\nWhy?"}]


@pytest.mark.parametrize("template", ["chatml", "llama2", "llama3", "qwen3", "deepseek", "string or parts"])
def test_a_system_whose_words_arrive_is_sent_as_it_is(server: ModelServer, connect: Any, template: str) -> None:
    ask(connect(template), CHAT, max_tokens=2)

    assert sent(server)["messages"] == [{"role": one.role, "content": one.content} for one in CHAT]


@pytest.mark.parametrize("template", ["parts", "any parts", "parts, or it raises"])
def test_contents_are_sent_as_parts_where_a_template_reads_these(
    server: ModelServer, connect: Any, template: str
) -> None:
    ask(connect(template), CHAT, max_tokens=2)

    assert sent(server)["messages"][1] == {"role": "user", "content": [{"type": "text", "text": "Why?"}]}


@pytest.mark.parametrize("template", ["no words", "no user"])
def test_a_server_that_loses_words_in_every_form_is_refused(server: ModelServer, connect: Any, template: str) -> None:
    with pytest.raises(ModelLoadError, match=r"loses the words of .*the user.*another chat template"):
        connect(template)


def test_a_server_is_told_not_to_think_unless_a_tool_asks_for_it(server: ModelServer, connect: Any) -> None:
    engine = connect("qwen3")

    ask(engine, CHAT, max_tokens=2)
    off = sent(server)["chat_template_kwargs"]["enable_thinking"]
    ask(engine, CHAT, max_tokens=2, thinking=True)
    on = sent(server)["chat_template_kwargs"]["enable_thinking"]
    ask(engine, "Once", max_tokens=2)

    assert (off, on) == (False, True)
    assert "chat_template_kwargs" not in sent(server)
    assert engine.info.thinking == "optional"


@pytest.mark.parametrize("late", [False, True])
def test_a_server_that_refuses_the_switch_gets_the_request_again_without_it(
    server: ModelServer, connect: Any, late: bool
) -> None:
    server.refused = set() if late else {"chat_template_kwargs"}
    engine = connect()
    server.refused = {"chat_template_kwargs"}

    heard = ask(engine, CHAT, max_tokens=2)

    assert heard.text("only") == "Once upon "
    assert "chat_template_kwargs" not in sent(server)
    assert len(server.completions()) == 1 + late


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize("row", THINKING)
def test_thoughts_are_taken_out_of_a_stream(server: ModelServer, connect: Any, row: dict[str, Any], size: int) -> None:
    engine = connect("deepseek" if row.get("opened") else "chatml")
    server.story = cut(row["input"], size)

    heard, silent = ask(engine, CHAT, thinking=True, temperature=0), ask(engine, CHAT, temperature=0)

    assert heard.text("only") == silent.text("only") == row["right"]
    assert thoughts(heard) == row.get("thoughts", "")
    assert thoughts(silent) == ""
    assert silent.wait_for_finish("only").usage.completion_tokens == len(server.story)


@pytest.mark.parametrize(
    ("template", "story", "thinking"),
    [
        ("deepseek", ["Hm.", "</think>", "Hi."], "always"),
        ("chatml", ["<think>", "Hm.", "</think>", "Hi."], "always"),
        ("qwen3", ["Hi."], "optional"),
        ("chatml", ["Hi."], "never"),
    ],
)
def test_what_a_model_does_is_found_out(
    server: ModelServer, connect: Any, template: str, story: list[str], thinking: str
) -> None:
    server.story = story

    assert connect(template).info.thinking == thinking


def test_thoughts_that_a_prompt_opens_are_found_by_an_answer_where_prompts_cannot_be_read(
    server: ModelServer, connect: Any
) -> None:
    server.owner, server.story = "someone", ["Hm. ", "A greeting.", "</think>", "\n\n", "Hello!"]
    engine = connect("deepseek")

    assert engine.info.thinking == "always"
    assert ask(engine, CHAT).text("only") == "Hello!"


def test_thoughts_that_a_server_takes_out_are_given_to_those_who_ask_and_counted(
    server: ModelServer, connect: Any
) -> None:
    async def think(call: Call) -> None:
        for name in ("reasoning_content", "reasoning"):
            await (call.stream if name == "reasoning_content" else call.event)({"choices": [{"delta": {name: "Hm. "}}]})
        await call.event({"choices": [{"delta": {"content": "Four."}, "finish_reason": "stop"}]})
        await call.event("[DONE]")
        await call.end()

    engine = connect()
    server.faults.extend([think, think])

    heard, silent = ask(engine, CHAT, thinking=True), ask(engine, CHAT)

    assert (heard.text("only"), thoughts(heard)) == ("Four.", "Hm. Hm.")
    assert (silent.text("only"), thoughts(silent)) == ("Four.", "")
    assert silent.wait_for_finish("only").usage.completion_tokens == 3


def test_limits_and_stop_strings_count_for_the_answer_of_a_model_that_always_thinks(
    server: ModelServer, connect: Any
) -> None:
    server.story = ["Hm, ", "stop ", "that. ", "</think>", "one ", "two ", "stop ", "three ", "four "]
    engine = connect("deepseek")

    limited, stopped = ask(engine, CHAT, max_tokens=2), ask(engine, CHAT, stop=("stop",))

    assert (limited.text("only"), limited.wait_for_finish("only").reason) == ("one two ", "length")
    assert (stopped.text("only"), stopped.wait_for_finish("only").reason) == ("one two ", "stop")
    assert [call.body.get("stop") for call in server.completions()] == [None, None]


@pytest.mark.parametrize("pieces", [['{"n": ', "1}"], ["Hm.", "</think>", "\n", '{"n": ', "1}"]])
def test_a_form_is_checked_on_the_answer_alone(server: ModelServer, connect: Any, pieces: list[str]) -> None:
    server.is_constrained, server.story = False, ["Hm.", "</think>", "Hi."]
    engine = connect("deepseek")
    server.story = pieces

    heard = ask(engine, CHAT, schema=json.dumps({"type": "object", "required": ["n"]}))

    assert json.loads(heard.text("only")) == {"n": 1}
