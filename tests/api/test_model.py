from dataclasses import replace

from django.test import Client

from gptstore.jobs.workers import WorkerInfo, beat, leave

DEMO = WorkerInfo("worker-1", "gptstore-mini", True, 5_000_000, 1024, "cpu", ["shout"])


def test_the_demo_model_is_called_one(guest: Client, db: None) -> None:
    beat(DEMO)

    body = guest.get("/api/v1/model").json()

    assert (body["name"], body["demo"]) == ("gptstore-mini", True)
    assert (body["parameters"], body["context_length"]) == (5_000_000, 1024)
    assert "demo model" in body["note"]
    assert "MODEL=" in body["note"]


def test_a_real_model_has_no_note(guest: Client, db: None) -> None:
    beat(replace(DEMO, model="Qwen/Qwen2.5-7B-Instruct", demo=False))

    assert guest.get("/api/v1/model").json()["note"] is None


def test_it_says_whether_the_model_thinks(guest: Client, db: None) -> None:
    beat(replace(DEMO, thinking="always"))

    assert guest.get("/api/v1/model").json()["thinking"] == "always"


def test_parameters_that_nobody_counted_are_null(guest: Client, db: None) -> None:
    beat(replace(DEMO, parameters=0))

    assert guest.get("/api/v1/model").json()["parameters"] is None


def test_without_a_worker_there_is_no_model(guest: Client, db: None) -> None:
    beat(DEMO)
    leave(DEMO.name)

    answer = guest.get("/api/v1/model")

    assert answer.status_code == 503
    assert answer["Retry-After"]
