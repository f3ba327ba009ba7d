"""`Cancel-After`: a run that may not take forever."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gptstore.jobs.models import Job

RUN = "/api/v1/tools/shout/jobs"

pytestmark = pytest.mark.usefixtures("redis_server", "shout")


def post(api: Client, **headers: str) -> Any:
    return api.post(RUN, {"input": {"text": "hello"}}, "application/json", headers=headers)


@pytest.mark.parametrize(
    ("header", "time"),
    [
        ("90", timedelta(seconds=90)),
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("1h", timedelta(hours=1)),
        ("1", timedelta(seconds=1)),
        ("604800", timedelta(days=7)),
        ("168h", timedelta(days=7)),
    ],
)
def test_the_time_is_understood(api: Client, header: str, time: timedelta) -> None:
    assert post(api, **{"Cancel-After": header}).status_code == 202

    job = Job.objects.get()
    assert job.cancel_after is not None
    assert abs(job.cancel_after - job.created_at - time) < timedelta(seconds=30)


@pytest.mark.parametrize(
    "header",
    ["", "0", "0s", "-1", "604801", "169h", "9" * 5000, "1.5", "1d", "5M", "5 m", "1h30m", "soon", "²", "٣", "1e3"],
)
def test_what_makes_no_sense_is_refused_with_what_to_send(api: Client, header: str) -> None:
    answer = post(api, **{"Cancel-After": header})

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("Cancel-After", "cancel_after")
    assert "5m" in error["message"]
    assert not Job.objects.exists()


def test_without_the_header_a_job_may_take_its_time(api: Client) -> None:
    assert post(api).status_code == 202
    assert Job.objects.get().cancel_after is None
