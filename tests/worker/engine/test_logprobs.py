"""The log-probabilities of an answer's tokens: those of transformers, whatever runs beside it."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from gptstore.sdk.logprobs import TokenLogprob
from tests.worker.engine.families import VOCABULARY, as_text, make_engine, make_model
from tests.worker.engine.listener import Listener, ask
from worker.engine.errors import BadRequest
from worker.engine.local.generation import extend
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Message, Request
from worker.engine.remote.response import ResponseReader
from worker.engine.remote.server import Server
from worker.engine.remote.stream import Chunk
from worker.engine.request_state import RequestState, StepOutput

PROMPT = "It was a bright cold day"
WITHIN = 1e-3


def logprobs_of(listener: Listener, name: str = "only") -> list[TokenLogprob]:
    return [*chain.from_iterable(output.logprobs for output in listener.of(name))]


def joined(logprobs: list[TokenLogprob]) -> str:
    return b"".join(one.token for one in logprobs).decode()


@torch.inference_mode()
def distributions(model: Any, prompt: list[int], answer: list[int]) -> torch.Tensor:
    """Return what transformers says after the prompt, and after each token of the answer but the last."""
    logits = model(torch.tensor([prompt + answer])).logits[0, len(prompt) - 1 : -1]
    return logits.float().log_softmax(-1)


@pytest.mark.parametrize("family", ["gpt2", "llama", "gemma3_text", "qwen3"])
@pytest.mark.parametrize("running", [1, 3, 16])
def test_they_are_those_of_transformers_in_every_batch(family: str, running: int) -> None:
    """Eight requests, of which some ask for none, with penalties and temperatures that must not show."""
    engine, model, listener = make_engine(family, BatchLimits(running, 24, 7)), make_model(family), Listener()
    random = Random(running)
    prompts = [[random.randrange(VOCABULARY) for _ in range(random.choice([1, 9, 40]))] for _ in range(8)]
    counts = [None, 0, 1, 5, 20, 20, None, 3]
    for number, (prompt, count) in enumerate(zip(prompts, counts, strict=True)):
        params = SamplingParams(
            max_tokens=20,
            temperature=number % 3 / 2,
            top_k=number % 4 * 5,
            repetition_penalty=1 + number % 2,
            seed=number,
            logprobs=count,
        )
        engine.submit(Request(f"{number}", as_text(prompt), params), listener)

    for number, (prompt, count) in enumerate(zip(prompts, counts, strict=True)):
        listener.wait_for_finish(f"{number}")
        answer, logprobs = (
            [int(word) for word in listener.text(f"{number}").split()],
            logprobs_of(listener, f"{number}"),
        )
        if count is None:
            assert logprobs == []
            continue
        assert [int(one.text) for one in logprobs] == answer
        expected = distributions(model, prompt, answer)
        for row, token, one in zip(expected, answer, logprobs, strict=True):
            assert one.logprob == pytest.approx(float(row[token]), abs=WITHIN)
            assert [its.logprob for its in one.top] == pytest.approx(row.topk(count).values.tolist(), abs=WITHIN)
            assert all(its.logprob == pytest.approx(float(row[int(its.text)]), abs=WITHIN) for its in one.top)
            assert len({its.token for its in one.top}) == count
    engine.close()


def test_who_asks_for_them_gets_the_same_answer() -> None:
    engine = make_engine("llama")
    params: dict[str, Any] = {"max_tokens": 30, "temperature": 1.2, "top_p": 0.9, "seed": 5}

    texts = {ask(engine, "1 2 3", **params, logprobs=count).text("only") for count in (None, 0, 7, 20)}

    assert len(texts) == 1
    engine.close()


@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_tokens_are_the_answer_s_bytes_also_where_they_are_parts_of_characters(
    name: str, request: pytest.FixtureRequest
) -> None:
    """Models with random weights write bytes that are no UTF-8, so that a schema holds them to letters."""
    engine: Engine = request.getfixturevalue(name)
    folder: Path = request.getfixturevalue(f"{name}_folder")
    choices = ("你好，世界", "😀👋🏽", "naïve café", "plain words")
    found: set[str] = set()
    for seed in range(12):
        heard = ask(engine, PROMPT, choices=choices, temperature=3, seed=seed, logprobs=2)
        logprobs = logprobs_of(heard)
        assert joined(logprobs) == heard.text("only")
        found.add(heard.text("only"))
        assert len(logprobs) >= len(AutoTokenizer.from_pretrained(folder).tokenize(heard.text("only"))) - 1
    assert len(found) > 2
    assert any(one.text == "\ufffd" for one in logprobs_of(ask(engine, PROMPT, choices=choices[:1], logprobs=0)))


def test_a_form_shows_in_the_choice_and_not_in_the_probabilities(gpt2: Engine, gpt2_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(gpt2_folder)
    model = AutoModelForCausalLM.from_pretrained(gpt2_folder, dtype=torch.float32).eval()
    prompt = tokenizer(PROMPT).input_ids

    (first, *_) = logprobs_of(ask(gpt2, PROMPT, choices=("zebra",), logprobs=1))

    row = distributions(model, prompt, [0])[0]
    (token,) = tokenizer.convert_tokens_to_ids([first.text])
    assert first.logprob == pytest.approx(float(row[token]), abs=WITHIN)
    assert first.top[0].logprob == pytest.approx(float(row.max()), abs=WITHIN)
    assert first.top[0].token != first.token


@pytest.fixture(params=["scripted", "llama"])
def any_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param != "scripted":
        yield request.getfixturevalue(request.param)
        return
    engine = ScriptedEngine(lambda _: ["It ", "was ", "a ", "小", "狐狸 ", "and ", "more ", "words "] * 5)
    yield engine
    engine.close()


def test_tokens_of_a_stop_string_are_left_out_and_one_that_begins_before_it_is_not(any_engine: Engine) -> None:
    whole = ask(any_engine, PROMPT, max_tokens=40, temperature=0, logprobs=0)
    tokens = [one.text for one in logprobs_of(whole)]
    assert "".join(tokens) == whole.text("only")
    stop = tokens[5][-1] + tokens[6]

    heard = ask(any_engine, PROMPT, max_tokens=40, temperature=0, logprobs=0, stop=(stop,))

    cut = whole.text("only").split(stop)[0]
    shown = [one.text for one in logprobs_of(heard)]
    assert heard.text("only") == cut
    assert shown == tokens[: len(shown)]
    assert len("".join(shown[:-1])) < len(cut) <= len("".join(shown))


def test_a_stop_string_that_is_a_token_leaves_those_before_it(make_script: Callable[..., Engine]) -> None:
    heard = ask(make_script("One ", "two ", "three ", "four "), PROMPT, logprobs=0, stop=("two x", "three "))

    assert [one.text for one in logprobs_of(heard)] == ["One ", "two "]


def test_each_output_has_the_tokens_of_its_own_text(any_engine: Engine) -> None:
    heard = ask(any_engine, PROMPT, max_tokens=30, temperature=0, logprobs=0)

    sent = tokens = 0
    for output in heard.outputs:
        sent += len(output.text)
        tokens += sum(len(one.text) for one in output.logprobs)
        assert tokens >= sent
        assert bool(output.logprobs) == bool(output.text)


def test_a_script_is_certain(make_script: Callable[..., Engine]) -> None:
    heard = ask(make_script("One ", "word"), PROMPT, logprobs=3)

    assert logprobs_of(heard) == [TokenLogprob(b"One ", 0.0), TokenLogprob(b"word", 0.0)]


@pytest.mark.parametrize(
    ("pieces", "tokens"),
    [
        (("<think>", "hm", "</think>", "\n\n", "Yes", "."), ["Yes", "."]),
        (("<thi", "nk>hm", "</think>Yes", "."), ["</think>Yes", "."]),
        (("\n", "Yes", "."), ["\n", "Yes", "."]),
        (("<think>", "for ever"), []),
    ],
)
def test_thoughts_have_none(make_script: Callable[..., Engine], pieces: tuple[str, ...], tokens: list[str]) -> None:
    heard = ask(make_script(*pieces), (Message("user", "Hello"),), logprobs=0, thinking=True)

    assert [one.text for one in logprobs_of(heard)] == tokens


@pytest.fixture
def make_script() -> Iterator[Callable[..., Engine]]:
    made: list[Engine] = []

    def make(*pieces: str) -> Engine:
        made.append(ScriptedEngine(lambda _: pieces))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.mark.parametrize("count", [-1, 21, True, 1.5])
def test_a_number_of_alternatives_that_no_engine_gives_is_refused(count: Any) -> None:
    with pytest.raises(BadRequest, match="logprobs"):
        SamplingParams(logprobs=count)


def test_the_token_that_ends_an_answer_has_none_also_where_text_comes_with_it() -> None:
    class Held:
        """Holds the last text back until the end."""

        def finish(self) -> str:
            return "last word"

    fields = {"ends": frozenset({7}), "guide": None, "detokenizer": Held(), "sampler": SimpleNamespace(constraint=None)}
    generation: Any = SimpleNamespace(**fields, spell=lambda token: b"%d" % token)

    ended = extend(generation, StepOutput(7, ranked=((7, -0.5),)))

    assert (ended.text, ended.reason, ended.logprobs) == ("last word", "stop", ())


def test_thoughts_that_a_server_takes_out_itself_have_none() -> None:
    """Its log-probabilities are of all tokens, those of a chunk with both included."""

    def chunk(text: str, thoughts: str, *tokens: str) -> Chunk:
        return Chunk(text, tuple(TokenLogprob(token.encode(), -1.0) for token in tokens), thoughts=thoughts)

    request = Request("only", (Message("user", "Hello"),), SamplingParams(logprobs=0))
    reader = ResponseReader(RequestState(request, Listener()), Server("http://none", "m"))

    outputs = [
        reader.feed([chunk("", "Hm", "H", "m")]),
        reader.feed([chunk("Yes", ", yes.", ", yes", ".", "Yes")]),
        reader.feed([chunk(".", "", ".")]),
    ]

    tokens = [one.text for output in outputs if output for one in output.logprobs]
    assert tokens == ["Yes", "."]


def test_a_text_without_new_tokens_is_no_sign_that_a_server_gives_none() -> None:
    """A server may send the end of a long token later, as this engine does where a stop string might begin."""
    request = Request("only", "Hello", SamplingParams(logprobs=0))
    reader = ResponseReader(RequestState(request, Listener()), Server("http://none", "m", is_chat=False))

    first = reader.feed([Chunk("lo", (TokenLogprob(b"longer", -1.0),))])
    second = reader.feed([Chunk("nger")])

    assert first is not None
    assert second is not None
    assert (len(first.logprobs), second.text, second.logprobs) == (1, "nger", ())
