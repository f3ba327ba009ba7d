"""`/v1/completions`: a text and how it goes on, whole and as a stream."""

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from tests.api.acting_worker import ActingWorker
from tests.api.openai_api.calls import COMPLETIONS, begin, fail, read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "tools")]


async def test_a_completion_has_openai_s_fields(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, COMPLETIONS, {"model": "m", "prompt": "Once", "max_tokens": 5})
    worker.finish_reason = "length"
    job = await sync_to_async(worker.run)(" upon", " a time")

    answer = await asking

    assert answer.status_code == 200
    assert answer["X-Request-Id"] == str(job.id)
    assert answer.json() == {
        "id": f"cmpl-{job.id.hex}",
        "object": "text_completion",
        "created": int(job.created_at.timestamp()),
        "model": "m",
        "choices": [{"index": 0, "text": " upon a time", "logprobs": None, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }
    assert job.input == {
        "text": "Once",
        "temperature": 0.7,
        "top_p": 1.0,
        "max_tokens": 5,
        "stop": None,
        "seed": None,
        "logprobs": None,
    }


async def test_an_empty_answer_is_an_answer(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, COMPLETIONS, {"model": "m", "prompt": "Once", "stream": True})
    await sync_to_async(worker.run)()

    (last, done) = await read(await asking)

    assert (last["choices"][0]["text"], last["choices"][0]["finish_reason"], done) == ("", "stop", "[DONE]")


async def test_a_job_that_fails_later_ends_its_stream_with_the_error(
    async_api: AsyncClient, worker: ActingWorker
) -> None:
    asking = await begin(async_api, COMPLETIONS, {"model": "m", "prompt": "Once", "stream": True})
    await sync_to_async(fail)(worker, ErrorCode.LIMIT_EXCEEDED, " upon")

    answer = await asking
    *chunks, error = await read(answer)

    assert answer.status_code == 200
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == " upon"
    assert error["error"]["code"] == "limit_exceeded"


@pytest.mark.parametrize(("again", "error"), [((" upon", " a time"), None), ((" there", " was"), "answer_restarted")])
async def test_a_second_attempt_goes_on_where_it_writes_the_same_and_is_an_error_where_it_does_not(
    async_api: AsyncClient, worker: ActingWorker, again: tuple[str, ...], error: str | None
) -> None:
    asking = await begin(async_api, COMPLETIONS, {"model": "m", "prompt": "Once", "stream": True})
    await sync_to_async(worker.claim)()
    await sync_to_async(worker.say)(" upon")
    answer = await asking
    await sync_to_async(states.requeue)(worker.job)
    await sync_to_async(worker.run)(*again)

    events = await read(answer)

    if error:
        assert events[-1]["error"]["code"] == error
    else:
        assert "".join(event["choices"][0]["text"] for event in events[:-1]) == " upon a time"
        assert events[-1] == "[DONE]"
