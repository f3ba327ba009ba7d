"""What bench.chaos makes of what it saw: a broken promise does not go unseen."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.chaos.database import Reconnecting
from bench.chaos.evidence import Claim, End, Evidence, Fault, Order, Row
from bench.chaos.plan import FULL, QUICK
from bench.chaos.schedule import schedule
from bench.chaos.times import cancels, percentile, recoveries, unrung_starts
from bench.chaos.verdict import MUST_NOT_BE, judge
from bench.chaos.witness import Witness
from harness.postgres import find_programs, temporary_postgres

A, B, C = (f"00000000-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))
TEXT = Order(0, "ann", "k", seed=1, words=9, pause_ms=1).text


def order(job: str = A, key: str = "k", **values: object) -> Order:
    return Order(0, "ann", key, seed=1, words=9, pause_ms=1, ids={job}, **values)  # type: ignore[arg-type]


def row(job: str = A, key: str = "k", status: str = "succeeded", **values: object) -> Row:
    given = {"seed": 1, "words": 9, "pause_ms": 1}
    known = Row(job, "ann", key, status, "", 1, given, TEXT, 9)
    return replace(known, **values)  # type: ignore[arg-type]


def good(**values: object) -> Evidence:
    """One job that went as it should, but for `values`."""
    evidence = Evidence([order()], [row()], [Claim(A, 1, "w:1", 10.0)], [End(A, 1, "succeeded", 11.0)])
    return replace(evidence, **values)  # type: ignore[arg-type]


def broken(evidence: Evidence) -> set[str]:
    return {name for name, found in judge(evidence).bad.items() if found}


def test_a_job_that_went_well_breaks_no_promise() -> None:
    assert broken(good()) == set()
    assert judge(good()).kept


FAILED = {"status": "failed", "error_code": "worker_lost", "output": TEXT[:5], "completion_tokens": 2}
THREE = [Claim(A, attempt, "w:1", 5.0 + attempt) for attempt in (1, 2, 3)]
TWO = Order(0, "ann", "k", seed=1, words=9, pause_ms=1, ids={A, B})
WORSE = [
    (good(rows=[]), {"lost"}),
    (good(rows=[row(status="running")]), {"lost"}),
    (good(stuck=[A]), {"stuck"}),
    (good(ends=[End(A, 1, "succeeded", 11.0), End(A, 2, "succeeded", 12.0)]), {"double_finished"}),
    (good(claims=[Claim(A, 1, "w:1", 10.0), Claim(A, 1, "w:2", 10.1)]), {"double_claimed"}),
    (
        good(orders=[TWO], rows=[row(), row(B)], claims=[Claim(A, 1, "w:1", 10.0), Claim(B, 1, "w:1", 10.0)]),
        {"duplicates"},
    ),
    (good(rows=[row(), row(C, "other")]), {"duplicates"}),
    (good(rows=[row(output=TEXT + "x")]), {"text_mismatch"}),
    (good(rows=[row(output=TEXT[:-1])]), {"text_mismatch"}),
    (good(rows=[row(input={"seed": 2, "words": 9, "pause_ms": 1})]), {"text_mismatch"}),
    (good(orders=[order(follows=True, heard=TEXT + TEXT)]), {"text_mismatch"}),
    (good(orders=[order(follows=True)]), {"unheard"}),
    (good(rows=[row(completion_tokens=18)]), {"double_usage"}),
    (good(rows=[row(completion_tokens=8)]), {"double_usage"}),
    (good(rows=[row(status="canceled")]), {"untruthful"}),
    (good(rows=[row(**FAILED)]), {"untruthful"}),
    (good(rows=[row(**FAILED | {"error_code": "internal_error"})], claims=THREE), {"untruthful"}),
    (good(claims=[]), {"untruthful"}),
    (good(ends=[End(A, 1, "succeeded", 10.001)]), {"too_soon"}),
    (good(surprises=["a process ended"]), {"surprises"}),
]


@pytest.mark.parametrize(("evidence", "names"), WORSE)
def test_a_broken_promise_is_named(evidence: Evidence, names: set[str]) -> None:
    assert broken(evidence) == names
    assert not judge(evidence).kept


def test_every_promise_is_broken_by_one_of_these() -> None:
    assert set.union(*(names for _, names in WORSE)) == set(MUST_NOT_BE)


def test_a_job_that_was_lost_three_times_or_canceled_on_request_may_end_early() -> None:
    assert broken(good(rows=[row(**FAILED)], claims=THREE)) == set()
    stopped = {"status": "canceled", "output": TEXT[:5], "completion_tokens": 2}
    assert broken(good(orders=[order(cancel_asked=True)], rows=[row(**stopped)])) == set()
    assert broken(good(orders=[order(cancel_asked=True)], rows=[row(**stopped | {"output": TEXT[1:5]})])) == {
        "text_mismatch"
    }


def test_recovery_lasts_from_the_kill_to_the_next_claim_or_the_end() -> None:
    claims = [
        Claim(A, 1, "killed", 10.0),  # taken up again
        Claim(A, 2, "other", 25.0),
        Claim(B, 3, "killed", 11.0),  # lost for good
        Claim(C, 1, "killed", 11.0),  # had ended before
        Claim("own", 1, "killed", 11.0),  # its last word came through
    ]
    ends = [
        End(A, 2, "succeeded", 26.0),
        End(B, 3, "failed", 24.0),
        End(C, 1, "succeeded", 11.5),
        End("own", 1, "succeeded", 12.001),
    ]
    seen = Evidence(claims=claims, ends=ends, faults=[Fault("worker_killed", 12.0, worker="killed")])
    assert recoveries(seen) == [13.0, 12.0]


def test_a_claim_that_a_dead_worker_still_got_is_recovered_from_too() -> None:
    claims = [Claim(A, 1, "killed", 12.5), Claim(A, 2, "other", 25.0)]
    seen = Evidence(claims=claims, faults=[Fault("worker_killed", 12.0, worker="killed")])
    assert recoveries(seen) == [12.5]


def test_a_cancel_lasts_from_its_answer_to_the_end() -> None:
    orders = [order(A, "1", canceled_at=20.0), order(B, "2", canceled_at=20.0), order(C, "3", canceled_at=20.0)]
    ends = [End(A, 1, "canceled", 20.5), End(B, 1, "canceled", 33.0), End(C, 1, "succeeded", 20.1)]
    claims = [Claim(A, 1, "w", 19.0), Claim(B, 1, "killed", 19.0)]
    seen = Evidence(orders, [], claims, ends, [Fault("worker_killed", 19.5, worker="killed")])
    assert cancels(seen) == [0.5, 13.0]
    assert cancels(seen, undisturbed=True) == [0.5]


def test_a_job_without_a_ring_starts_at_its_first_claim() -> None:
    seen = Evidence(claims=[Claim(A, 1, "w", 17.0)], faults=[Fault("web_killed_before_ring", 10.0, job=A)])
    assert unrung_starts(seen) == [7.0]


def test_percentiles_are_values_that_were_seen() -> None:
    assert percentile([], 50) is None
    assert percentile([3.0], 95) == 3.0
    assert percentile([float(number) for number in range(1, 101)], 95) == 95.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.0


def test_faults_come_in_another_order_for_another_seed_and_within_their_time() -> None:
    planned = schedule(QUICK)
    assert planned == schedule(QUICK) != schedule(replace(QUICK, seed=1))
    assert sorted(kind for _, kind in planned) == sorted(kind for _, kind in schedule(replace(QUICK, seed=1)))
    assert all(0 <= at <= QUICK.seconds for at, _ in planned)
    assert sum(kind == "worker_killed" for _, kind in schedule(FULL)) == 300


def test_a_smaller_run_has_some_of_everything() -> None:
    small = FULL.scaled(0.01)
    assert (small.jobs, small.seconds, small.faults["worker_killed"]) == (50, 18.0, 3)
    assert set(small.faults) == set(FULL.faults)
    assert min(small.faults.values()) == 1


MAKE = """
CREATE TABLE accounts_user (id integer PRIMARY KEY, username text);
CREATE TABLE jobs_job (id {uuid} PRIMARY KEY, owner_id integer, idempotency_key text, status text, error_code text,
    attempt integer, input {json}, output text, completion_tokens integer, worker text);
INSERT INTO accounts_user VALUES (1, 'ann');
INSERT INTO jobs_job VALUES ('{job}', 1, 'k', 'queued', '', 0, '{{"seed": 1}}', '', 0, '');
"""
CLAIM = "UPDATE jobs_job SET status = 'running', attempt = attempt + 1, worker = '{worker}'"
SUCCEED = "UPDATE jobs_job SET status = 'succeeded', output = 'done'"


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with temporary_postgres() as url:
        yield url


NO_POSTGRES = pytest.mark.skipif(find_programs() is None, reason="needs PostgreSQL (Debian: apt install postgresql)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, NO_POSTGRES])])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Reconnecting:
    """One queued job."""
    if request.param == "sqlite":
        database = Reconnecting(f"sqlite:///{tmp_path / 'db.sqlite3'}")
        database.run(MAKE.format(uuid="text", json="text", job=A.replace("-", "")))
        return database
    database = Reconnecting(request.getfixturevalue("postgres"))
    database.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + MAKE.format(uuid="uuid", json="jsonb", job=A))
    return database


def test_the_database_writes_down_claims_and_ends(database: Reconnecting) -> None:
    # Given a job whose first worker is lost
    witness = Witness(database)
    witness.begin()
    assert witness.newest() == A
    database.run(CLAIM.format(worker="w:1"))
    assert (witness.running_jobs("w:1"), witness.running_jobs("w:2")) == (1, 0)
    database.run("UPDATE jobs_job SET output = 'no change of status'")
    database.run("UPDATE jobs_job SET status = 'queued', worker = ''")
    # When another one ends it
    database.run(CLAIM.format(worker="w:2"))
    assert witness.ended() == set()
    database.run(SUCCEED)
    # Then this is the whole story
    assert [(claim.job, claim.attempt, claim.worker) for claim in witness.claims()] == [(A, 1, "w:1"), (A, 2, "w:2")]
    (end,) = witness.ends()
    assert (end.job, end.attempt, end.status) == (A, 2, "succeeded")
    assert 0 <= end.at - witness.claims()[0].at < 60
    assert witness.ended() == {A}
    assert witness.rows() == [Row(A, "ann", "k", "succeeded", "", 2, {"seed": 1}, "done", 0)]


@pytest.mark.parametrize(
    "late", [SUCCEED, "UPDATE jobs_job SET status = 'failed'", "UPDATE jobs_job SET output = 'x'", CLAIM]
)
def test_a_change_after_the_end_is_not_missed(database: Reconnecting, late: str) -> None:
    witness = Witness(database)
    witness.begin()
    database.run(CLAIM.format(worker="w:1"))
    database.run(SUCCEED)
    database.run(late.format(worker="w:2"))
    assert broken(Evidence(ends=witness.ends())) == {"double_finished"}


def test_the_times_of_the_database_are_those_of_this_machine(database: Reconnecting) -> None:
    witness = Witness(database)
    witness.begin()
    before = time.time()
    database.run(CLAIM.format(worker="w:1"))
    (claim,) = witness.claims()
    assert before - 0.01 <= claim.at <= time.time() + 0.01
