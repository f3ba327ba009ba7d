"""`Prefer: wait`: the answer comes when the run has ended, or when the time is up."""

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from gptstore.accounts.models import User
from gptstore.jobs.lifecycle.delete_owner import delete_owner
from gptstore.jobs.models import Job
from harness.redis import RedisServer
from harness.waiting import wait_until_async
from tests.api.acting_worker import ActingWorker

RUN = "/api/v1/tools/shout/jobs"
BODY = {"input": {"text": "hello"}}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "shout")]


async def test_a_run_that_ends_in_time_is_answered_with_its_result(
    async_api: AsyncClient, worker: ActingWorker
) -> None:
    asking = asyncio.create_task(async_api.post(RUN, BODY, "application/json", headers={"Prefer": "wait=20"}))
    await wait_until_async(Job.objects.aexists, "the job", 10)
    await sync_to_async(worker.run)("HEL", "LO")
    began = time.monotonic()

    answer = await asking

    assert time.monotonic() - began < 2
    assert answer.status_code == 201
    assert answer.json()["status"] == "succeeded"
    assert answer.json()["output"] == "HELLO"
    assert answer["Preference-Applied"] == "wait=20"
    assert answer["Location"].endswith(answer.json()["id"])


async def test_a_run_that_takes_longer_is_answered_when_the_time_is_up(
    async_api: AsyncClient, worker: ActingWorker
) -> None:
    began = time.monotonic()

    answer = await async_api.post(RUN, BODY, "application/json", headers={"Prefer": "wait=1"})

    assert 1 <= time.monotonic() - began < 10
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    assert answer["Preference-Applied"] == "wait=1"


async def test_a_run_that_has_begun_is_said_to_run(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = asyncio.create_task(async_api.post(RUN, BODY, "application/json", headers={"Prefer": "wait=1"}))
    await wait_until_async(Job.objects.aexists, "the job", 10)
    await sync_to_async(worker.claim)()
    await sync_to_async(worker.say)("HEL")

    answer = await asking

    assert (answer.status_code, answer.json()["status"], answer.json()["output"]) == (202, "running", None)


async def test_a_canceled_run_ends_the_wait(async_api: AsyncClient) -> None:
    asking = asyncio.create_task(async_api.post(RUN, BODY, "application/json", headers={"Prefer": "wait=20"}))
    await wait_until_async(Job.objects.aexists, "the job", 10)
    job = await Job.objects.aget()
    await async_api.post(f"/api/v1/jobs/{job.id}/cancel")

    answer = await asking

    assert (answer.status_code, answer.json()["status"]) == (201, "canceled")


async def test_without_the_header_nobody_waits(async_api: AsyncClient) -> None:
    answer = await async_api.post(RUN, BODY, "application/json")

    assert answer.status_code == 202
    assert "Preference-Applied" not in answer


async def test_the_wait_ends_also_while_redis_is_away(
    async_api: AsyncClient, worker: ActingWorker, redis_server: RedisServer
) -> None:
    asking = asyncio.create_task(async_api.post(RUN, BODY, "application/json", headers={"Prefer": "wait=30"}))
    await wait_until_async(Job.objects.aexists, "the job", 10)
    redis_server.kill()
    await sync_to_async(worker.run)("HELLO")

    answer = await asking

    assert (answer.status_code, answer.json()["output"]) == (201, "HELLO")


async def test_a_run_that_is_deleted_with_its_owner_is_not_found(async_api: AsyncClient, owner: User) -> None:
    asking = asyncio.create_task(async_api.post(RUN, BODY, "application/json", headers={"Prefer": "wait=20"}))
    await wait_until_async(Job.objects.aexists, "the job", 10)

    await sync_to_async(delete_owner)(owner)

    assert (await asking).status_code == 404
