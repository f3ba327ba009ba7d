"""A worker is drained and resumed: in the database, in the audit log, and in what people are told."""

import pytest

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.jobs import workers
from gptstore.jobs.drain import drain, resume
from gptstore.jobs.models import Worker
from gptstore.jobs.workers import WorkerInfo, fleet
from harness.rows import is_drained

pytestmark = pytest.mark.django_db

INFO = WorkerInfo("w1", "m", True, 1, 1024, "cpu", ["echo"])


def test_a_drained_worker_stays_drained_while_it_sends_heartbeats(owner: User) -> None:
    assert not workers.beat(INFO)
    assert drain("w1", owner)
    assert workers.beat(INFO)
    assert is_drained("w1")
    assert [worker.drained_at is not None for worker in fleet()] == [True]
    assert resume("w1", owner)
    assert not workers.beat(INFO)
    assert not is_drained("w1")


def test_both_are_written_to_the_audit_log_once(owner: User) -> None:
    workers.beat(INFO)
    assert (drain("w1", owner), drain("w1", owner), drain("w2", owner)) == (True, False, False)
    assert (resume("w1", owner), resume("w1", owner)) == (True, False)
    found = AuditEvent.objects.order_by("number").values_list("actor", "action", "target")
    assert list(found) == [("ada", "worker.drain", "worker w1"), ("ada", "worker.resume", "worker w1")]


def test_a_drained_worker_that_leaves_is_drained_when_it_comes_back(owner: User) -> None:
    workers.beat(INFO)
    drain("w1", owner)
    workers.leave("w1")
    assert fleet() == []
    assert workers.beat(INFO)


def test_any_other_worker_that_leaves_is_forgotten() -> None:
    workers.beat(INFO)
    workers.leave("w1")
    assert not Worker.objects.exists()
