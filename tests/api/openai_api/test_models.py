"""`/v1/models`: the models that answer now."""

import pytest
from django.test import Client

from gptstore.jobs.workers import WorkerInfo, beat
from tests.api.openai_api.calls import CHAT, HELLO, error_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "tools")]


def test_models_are_those_of_living_workers(api: Client) -> None:
    assert api.get("/v1/models").json() == {"object": "list", "data": []}
    beat(WorkerInfo("w1", "Qwen/Qwen3-4B", False, 4_000_000_000, 8192, "cuda", ["chat"]))

    (model,) = api.get("/v1/models").json()["data"]

    assert (model["id"], model["object"], model["max_model_len"]) == ("Qwen/Qwen3-4B", "model", 8192)
    assert api.get("/v1/models/Qwen/Qwen3-4B").json() == model
    assert api.get("/v1/models/Qwen%2FQwen3-4B").json() == model
    assert error_of(api.get("/v1/models/gpt-5"))["code"] == "model_not_found"
    answer = api.post(CHAT, {"model": "gpt-5", "messages": HELLO}, "application/json")
    assert (answer.status_code, error_of(answer)["param"]) == (404, "model")
