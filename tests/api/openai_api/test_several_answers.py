"""`n`: several answers to one request, each of which is a job of its own."""

import asyncio
from collections import defaultdict
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from gptstore.api.openai import completions
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.models import Job, Status
from harness.waiting import wait_until_async
from tests.api.acting_worker import ActingWorker
from tests.api.openai_api.calls import CHAT, COMPLETIONS, HELLO, begin, error_of, fail, read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "tools")]

THREE: dict[str, Any] = {"model": "m", "prompt": "Once", "n": 3}


async def run_all(worker: ActingWorker, *answers: tuple[str, ...]) -> list[Job]:
    return [await sync_to_async(worker.run)(*pieces) for pieces in answers]


async def count_ended() -> int:
    return await Job.objects.filter(status__in=[Status.CANCELED, Status.FAILED, Status.SUCCEEDED]).acount()


async def test_each_answer_is_a_choice_and_all_count_for_the_usage(
    async_api: AsyncClient, worker: ActingWorker
) -> None:
    asking = await begin(async_api, COMPLETIONS, {**THREE, "seed": 2**63 - 2})
    jobs = await run_all(worker, (" upon",), (" a", " time"), (" more",))

    answer = await asking

    assert answer.status_code == 200
    found = answer.json()
    assert [(choice["index"], choice["text"]) for choice in found["choices"]] == [
        (0, " upon"),
        (1, " a time"),
        (2, " more"),
    ]
    assert found["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert (found["id"], answer["X-Request-Id"]) == (f"cmpl-{jobs[0].id.hex}", str(jobs[0].id))
    assert [job.input["seed"] for job in jobs] == [2**63 - 2, 2**63 - 1, 0]


async def test_a_stream_has_the_pieces_of_each_choice_with_its_place(
    async_api: AsyncClient, worker: ActingWorker
) -> None:
    body = {"model": "m", "messages": HELLO, "n": 2, "stream": True, "stream_options": {"include_usage": True}}
    asking = await begin(async_api, CHAT, body)
    await run_all(worker, ("Hi", " there"), ("Hello",))

    *chunks, usage, done = await read(await asking)

    deltas = defaultdict(list)
    for chunk in chunks:
        (choice,) = chunk["choices"]
        deltas[choice["index"]].append((choice["delta"].get("content"), choice["finish_reason"]))
    for place, text in enumerate(("Hi there", "Hello")):
        (beginning, *pieces, last) = deltas[place]
        assert beginning == ("", None)
        assert "".join(piece for piece, _ in pieces) == text
        assert last == (None, "stop")
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert usage["usage"]["completion_tokens"] == 3
    assert done == "[DONE]"


@pytest.mark.parametrize("stream", [False, True])
async def test_all_are_canceled_when_the_caller_goes_away(async_api: AsyncClient, stream: bool) -> None:
    asking = await begin(async_api, COMPLETIONS, {**THREE, "stream": stream})
    await wait_until_async(lambda: all_are_read(3), "the jobs", 20)
    asking.cancel()
    await asyncio.wait({asking})
    await wait_until_async(lambda: all_have_ended(3), "the cancellations", 20)

    assert {job.status async for job in Job.objects.all()} == {Status.CANCELED}


@pytest.mark.parametrize("stream", [False, True])
async def test_the_others_are_canceled_when_one_fails(
    async_api: AsyncClient, worker: ActingWorker, stream: bool
) -> None:
    asking = await begin(async_api, COMPLETIONS, {**THREE, "stream": stream})
    await sync_to_async(fail)(worker, ErrorCode.TOOL_ERROR)

    answer = await asking
    await wait_until_async(lambda: all_have_ended(3), "the cancellations", 20)

    assert (answer.status_code, error_of(answer)["code"]) == (400, "tool_error")
    assert sorted([job.status async for job in Job.objects.all()]) == ["canceled", "canceled", "failed"]


async def all_are_read(count: int) -> bool:
    return await Job.objects.acount() == count


async def all_have_ended(count: int) -> bool:
    return await count_ended() == count


async def test_the_same_key_gets_the_same_answers(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, COMPLETIONS, THREE, **{"Idempotency-Key": "k"})
    await run_all(worker, (" a",), (" b",), (" c",))
    once = (await asking).json()

    again = (await async_api.post(COMPLETIONS, THREE, "application/json", headers={"Idempotency-Key": "k"})).json()

    assert once == again
    assert await Job.objects.acount() == 3


def test_all_jobs_are_made_or_none(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made, submit = [], completions.submit

    def fail_at_the_third(*given: Any) -> Job:
        if len(made) == 2:
            raise ValueError("the third")
        made.append(submit(*given))
        return made[-1]

    monkeypatch.setattr(completions, "submit", fail_at_the_third)
    api.raise_request_exception = False

    assert api.post(COMPLETIONS, THREE, "application/json").status_code == 500
    assert len(made) == 2
    assert not Job.objects.exists()
