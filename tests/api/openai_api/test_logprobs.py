"""`logprobs`: how likely each token was, with the likeliest ones in its place, in the shapes of OpenAI's schema."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.completion import Completion
from openai.types.completion_choice import Logprobs

from gptstore.jobs.lifecycle import states
from gptstore.jobs.redis import sync_client
from gptstore.sdk.answer import with_logprobs
from gptstore.sdk.logprobs import TokenLogprob
from tests.api.acting_worker import ActingWorker
from tests.api.openai_api.calls import CHAT, COMPLETIONS, HELLO, begin, read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "tools")]

ALPHA, HALF, OTHER_HALF = "é".encode(), b"\xe4\xbd", b"\xa0"
FIRST = with_logprobs("é ", [TokenLogprob(ALPHA + b" ", -0.5, (TokenLogprob(b"a", -0.25), TokenLogprob(HALF, -9.0)))])
SECOND = with_logprobs("你", [TokenLogprob(HALF, -1.5, (TokenLogprob(HALF, -1.5),)), TokenLogprob(OTHER_HALF, 0.0)])
PIECES = (FIRST, SECOND)
CONTENT = [
    {
        "token": "é ",
        "logprob": -0.5,
        "bytes": [0xC3, 0xA9, 0x20],
        "top_logprobs": [
            {"token": "a", "logprob": -0.25, "bytes": [0x61]},
            {"token": "\\xe4\\xbd", "logprob": -9.0, "bytes": [0xE4, 0xBD]},
        ],
    },
    {
        "token": "\\xe4\\xbd",
        "logprob": -1.5,
        "bytes": [0xE4, 0xBD],
        "top_logprobs": [{"token": "\\xe4\\xbd", "logprob": -1.5, "bytes": [0xE4, 0xBD]}],
    },
    {"token": "\\xa0", "logprob": 0.0, "bytes": [0xA0], "top_logprobs": []},
]
PLAIN = {
    "tokens": ["é ", "bytes:\\xe4\\xbd", "bytes:\\xa0"],
    "token_logprobs": [-0.5, -1.5, 0.0],
    "top_logprobs": [
        {"a": -0.25, "bytes:\\xe4\\xbd": -9.0, "é ": -0.5},
        {"bytes:\\xe4\\xbd": -1.5},
        {"bytes:\\xa0": 0.0},
    ],
    "text_offset": [4, 6, 6],
}
CHAT_BODY: dict[str, Any] = {"model": "m", "messages": HELLO, "logprobs": True, "top_logprobs": 2}
TEXT_BODY: dict[str, Any] = {"model": "m", "prompt": "Once", "logprobs": 2}


async def test_a_chat_has_them_by_token(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, CHAT, CHAT_BODY)
    job = await sync_to_async(worker.run)(*PIECES)

    found = (await asking).json()

    assert job.input["logprobs"] == 2
    assert found["choices"][0]["logprobs"] == {"content": CONTENT, "refusal": None}
    ChatCompletion.model_validate(found, strict=True)


async def test_a_plain_completion_has_them_in_lists(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, COMPLETIONS, TEXT_BODY)
    await sync_to_async(worker.run)(*PIECES)

    found = (await asking).json()

    assert found["choices"][0]["logprobs"] == PLAIN
    Completion.model_validate(found, strict=True)
    text = TEXT_BODY["prompt"] + found["choices"][0]["text"]
    assert text[PLAIN["text_offset"][0] :].startswith(PLAIN["tokens"][0])


async def test_the_chunks_of_a_chat_have_those_of_their_texts(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, CHAT, {**CHAT_BODY, "stream": True})
    await sync_to_async(worker.run)(*PIECES)

    *chunks, _ = await read(await asking)

    content = []
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk, strict=True)
        (choice,) = chunk["choices"]
        found = (choice["logprobs"] or {"content": []})["content"]
        assert bytes(byte for one in found for byte in one["bytes"]).decode() == choice["delta"].get("content", "")
        content += found
    assert content == CONTENT


async def test_the_chunks_of_a_plain_completion_have_those_of_their_texts(
    async_api: AsyncClient, worker: ActingWorker
) -> None:
    asking = await begin(async_api, COMPLETIONS, {**TEXT_BODY, "stream": True})
    await sync_to_async(worker.run)(*PIECES)

    *chunks, _ = await read(await asking)

    found: dict[str, list[Any]] = {name: [] for name in PLAIN}
    for chunk in chunks:
        if logprobs := chunk["choices"][0]["logprobs"]:
            Logprobs.model_validate(logprobs, strict=True)
            for name, values in logprobs.items():
                found[name] += values
    assert found == PLAIN


@pytest.mark.parametrize("stream", [False, True])
async def test_each_of_several_answers_has_its_own(async_api: AsyncClient, worker: ActingWorker, stream: bool) -> None:
    asking = await begin(async_api, COMPLETIONS, {**TEXT_BODY, "n": 2, "stream": stream})
    for pieces in ((FIRST,), (SECOND, FIRST)):
        await sync_to_async(worker.run)(*pieces)

    answer = await asking
    choices = [chunk["choices"][0] for chunk in (await read(answer))[:-1]] if stream else answer.json()["choices"]

    tokens: dict[int, list[str]] = {0: [], 1: []}
    offsets: dict[int, list[int]] = {0: [], 1: []}
    for choice in choices:
        if choice["logprobs"]:
            tokens[choice["index"]] += choice["logprobs"]["tokens"]
            offsets[choice["index"]] += choice["logprobs"]["text_offset"]
    half, other = PLAIN["tokens"][1:]
    assert tokens == {0: ["é "], 1: [half, other, "é "]}
    assert offsets == {0: [4], 1: [4, 4, 5]}


async def test_without_any_alternatives_the_token_stands_alone(async_api: AsyncClient, worker: ActingWorker) -> None:
    certain = with_logprobs("word", [TokenLogprob(b"word", 0.0)])
    asking = await begin(async_api, COMPLETIONS, {**TEXT_BODY, "logprobs": 0})
    job = await sync_to_async(worker.run)(certain)

    assert (await asking).json()["choices"][0]["logprobs"]["top_logprobs"] == [{"word": 0.0}]
    assert job.input["logprobs"] == 0


async def test_an_empty_answer_has_an_empty_list(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, CHAT, CHAT_BODY)
    await sync_to_async(worker.run)()

    assert (await asking).json()["choices"][0]["logprobs"] == {"content": [], "refusal": None}


@pytest.mark.parametrize("body", [{"logprobs": False}, {"logprobs": None, "top_logprobs": 0}, {}])
async def test_who_asks_for_none_gets_none_and_the_row_does_not_grow(
    async_api: AsyncClient, worker: ActingWorker, body: dict[str, Any]
) -> None:
    asking = await begin(async_api, CHAT, {"model": "m", "messages": HELLO, **body})
    job = await sync_to_async(worker.run)("Hi")
    await job.arefresh_from_db()

    assert (await asking).json()["choices"][0]["logprobs"] is None
    assert (job.input["logprobs"], job.logprobs) == (None, "")


@pytest.mark.parametrize("lost", [False, True])
async def test_a_stream_that_is_sent_again_repeats_no_token(
    async_api: AsyncClient, worker: ActingWorker, lost: bool
) -> None:
    """Another attempt writes the same, or Redis forgets the events, so that the row has to do."""
    asking = await begin(async_api, CHAT, {**CHAT_BODY, "stream": True})
    await sync_to_async(worker.claim)()
    await sync_to_async(worker.say)(FIRST)
    answer = await asking
    if lost:
        await sync_to_async(sync_client().flushdb)()
        await sync_to_async(worker.say)(SECOND)
        await sync_to_async(worker.succeed)()
    else:
        await sync_to_async(states.requeue)(worker.job)
        await sync_to_async(worker.run)(*PIECES)

    *chunks, done = await read(answer)

    logprobs = [chunk["choices"][0]["logprobs"] for chunk in chunks if chunk["choices"][0]["logprobs"]]
    assert [one for found in logprobs for one in found["content"]] == CONTENT
    assert done == "[DONE]"


async def test_the_same_key_gets_the_same_ones(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, COMPLETIONS, TEXT_BODY, **{"Idempotency-Key": "k"})
    await sync_to_async(worker.run)(*PIECES)
    await asking

    again = await async_api.post(COMPLETIONS, TEXT_BODY, "application/json", headers={"Idempotency-Key": "k"})

    assert again.json()["choices"][0]["logprobs"] == PLAIN
