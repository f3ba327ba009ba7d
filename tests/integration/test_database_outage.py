"""A store whose PostgreSQL goes away and comes back, while the site's process stays the same."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from harness.postgres import Postgres, find_programs, postgres_server
from harness.redis import RedisServer
from harness.site import Site

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.skipif(find_programs() is None, reason="needs PostgreSQL (Debian: apt install postgresql)"),
]

INPUT = {"input": {"text": "A text that nobody will read."}}
SOON = 5.0


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def site(postgres: Postgres, redis_process: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    redis_process.ensure()
    with Site(tmp_path_factory.mktemp("site"), redis_process.url, postgres.url) as site:
        site.prepare()
        site.add_user("ada", "correct horse")
        site.start_web()
        yield site


@pytest.fixture(scope="module")
def program(site: Site) -> Iterator[httpx.Client]:
    key = site.manage("create_api_key", "ada").split()[-1]
    with httpx.Client(base_url=site.url, headers={"Authorization": f"Bearer {key}"}, timeout=SOON) as client:
        yield client


def ask_all(program: httpx.Client) -> dict[str, httpx.Response]:
    return {
        "page": program.get("/", headers={"Accept-Language": "zh-CN"}),
        "signed in": program.get("/runs/", headers={"Cookie": "sessionid=" + "x" * 32}),
        "tools": program.get("/api/v1/tools"),
        "job": program.post("/api/v1/tools/summarizer/jobs", json=INPUT),
        "ready": program.get("/readyz"),
    }


def test_an_outage_is_told_at_once_and_is_over_when_the_database_is_back(
    program: httpx.Client, site: Site, postgres: Postgres
) -> None:
    # Given a store that works
    before = ask_all(program)
    assert [answer.status_code for answer in before.values()] == [200, 302, 200, 202, 200]
    logged = len(site.processes[0].text)
    # When its database goes away
    postgres.stop()
    during = ask_all(program)
    # Then everybody is told to come back, and the log stays short
    assert [answer.status_code for answer in during.values()] == [503] * 5
    assert [during[name].headers["retry-after"] for name in ("page", "signed in", "tools", "job")] == ["5"] * 4
    assert "我们马上回来" in during["page"].text
    assert during["job"].headers["content-type"] == "application/problem+json"
    said = site.processes[0].text[logged:]
    assert "Traceback" not in said
    assert said.count("database_away") == 4
    # When it is back, so is the store, without a restart
    postgres.start()
    assert [answer.status_code for answer in ask_all(program).values()] == [200, 302, 200, 202, 200]


def test_a_reader_who_follows_a_job_stays_connected(program: httpx.Client, postgres: Postgres) -> None:
    job: dict[str, Any] = program.post("/api/v1/tools/summarizer/jobs", json=INPUT).json()
    # Given a reader
    with program.stream("GET", job["urls"]["events"], timeout=60) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        # When the database is away for so long that the stream looks at the job
        postgres.stop()
        assert next(line for line in lines if line) == ": ping"
        assert program.get("/api/v1/tools").status_code == 503
        postgres.start()
        # Then the same stream goes on to the end
        assert program.post(job["urls"]["cancel"]).status_code == 200
        assert "event: finished" in list(lines)
