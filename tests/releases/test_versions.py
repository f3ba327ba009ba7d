"""Runs that name the version of their tool."""

from typing import Any

import pytest
from django.test import Client

from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job
from gptstore.releases.deploy import activate, deploy
from gptstore.releases.models import Release
from gptstore.releases.quarantine import quarantine
from tests.releases.conftest import Approved
from tests.releases.fleet_rows import report

pytestmark = pytest.mark.django_db


@pytest.fixture
def releases(approved: Approved) -> list[Release]:
    """Make 1.0, which still drains, 1.1, which is live, and 1.2, which rolls out but is not ready."""
    old, live, coming = (approved(version) for version in ("1.0", "1.1", "1.2"))
    activate(deploy(old, None))
    activate(deploy(live, None))
    deploy(coming, None)
    report("w1", (old, ""), (live, ""), (coming, "It is being installed."))
    return [old, live, coming]


class Program:
    def __init__(self, owner: User) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {create_key(owner, 'tests')[1]}"})

    def run(self, tool: str, word: object = "a", **headers: str) -> Any:
        address = f"/api/v1/tools/{tool}/jobs"
        body = {"input": {"word": word}}
        return self.client.post(address, body, content_type="application/json", headers=headers)


@pytest.fixture
def program(ada: User) -> Program:
    return Program(ada)


@pytest.mark.parametrize(("version", "number"), [("1.0", 0), ("1.1", 1)])
def test_a_run_gets_the_version_that_it_names(
    program: Program, releases: list[Release], version: str, number: int
) -> None:
    answer = program.run(f"say@{version}")

    assert answer.status_code == 202
    assert (answer.json()["tool_version"], answer.json()["release"]) == (version, releases[number].key)
    assert Job.objects.get().pinned


def test_a_run_without_a_version_says_its_release(program: Program, releases: list[Release]) -> None:
    assert program.run("say").json()["release"] == releases[1].key
    assert not Job.objects.get().pinned


@pytest.mark.parametrize("version", ["1.2", "0.9", "..", "1.0%00", "x" * 300])
def test_a_version_that_no_worker_has_is_not_found(program: Program, releases: list[Release], version: str) -> None:
    answer = program.run(f"say@{version}")

    assert answer.status_code == 404
    assert answer.json()["detail"].endswith("There is 1.1 and 1.0.")
    assert not Job.objects.exists()


def test_a_version_in_quarantine_is_not_found(program: Program, releases: list[Release]) -> None:
    quarantine(releases[0], "It crashed.")

    assert "There is 1.1." in program.run("say@1.0").json()["detail"]


def test_the_input_is_checked_by_the_schema_of_its_version(program: Program, releases: list[Release]) -> None:
    releases[0].manifest["tools"][0]["input_schema"]["properties"]["word"] = {"type": "integer"}
    releases[0].save()

    assert program.run("say@1.0", "a").status_code == 422
    assert program.run("say@1.0", 7).status_code == 202
    assert program.run("say@1.1", 7).status_code == 422
    found = program.client.get("/api/v1/tools/say@1.0").json()
    assert found["input_schema"]["properties"]["word"] == {"type": "integer"}
    assert found["urls"]["jobs"].endswith("/api/v1/tools/say@1.0/jobs")
    assert Tool.objects.get(slug="say").input_schema["properties"]["word"] == {"type": "string"}


def test_one_idempotency_key_is_for_one_version(program: Program, releases: list[Release]) -> None:
    first = program.run("say@1.0", **{"Idempotency-Key": "k"})

    assert program.run("say@1.0", **{"Idempotency-Key": "k"}).json()["id"] == first.json()["id"]
    assert program.run("say@1.1", **{"Idempotency-Key": "k"}).status_code == 422
    assert program.run("say", **{"Idempotency-Key": "k"}).status_code == 422


def test_an_installed_tool_has_its_one_version(program: Program, releases: list[Release]) -> None:
    Tool.objects.update(release="", version="3.0")

    assert program.run("say@3.0").json()["release"] is None
    assert "There is 3.0." in program.run("say@1.0").json()["detail"]
