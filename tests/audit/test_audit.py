"""The audit log: one chain of events, which shows what was altered."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from gptstore.accounts.models import User
from gptstore.audit.chain import verify
from gptstore.audit.errors import AuditLogError, BrokenChain
from gptstore.audit.models import AuditEvent, ChainEnd
from gptstore.audit.record import record

pytestmark = pytest.mark.django_db


def write_three(ada: User) -> list[AuditEvent]:
    return [record(ada, "release.approve", f"acme-tool 1.{minor}", note="günstig") for minor in range(3)]


def test_events_are_numbered_and_chained(ada: User) -> None:
    first, second, third = write_three(ada)

    assert (first.number, second.number, third.number) == (1, 2, 3)
    assert (second.previous, third.previous) == (first.hash, second.hash)
    assert verify() == (3, third.hash)


def test_an_event_is_as_it_was_written_when_it_is_read_again(ada: User) -> None:
    record(ada, "release.submit", "acme-tool 1", risk=3, names=["a", "é"], nested={"b": None, "a": 1.5})
    record(None, "release.sign", "acme-tool 1")

    assert verify()[0] == 2
    assert AuditEvent.objects.get(number=2).actor == ""


def test_an_event_is_gone_with_the_change_that_it_records(ada: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(ada, "release.approve", "acme-tool 1")
        raise ZeroDivisionError

    assert verify()[0] == 0
    assert record(ada, "release.approve", "acme-tool 2").number == 1


@pytest.mark.parametrize(
    "change", [{"actor": "bob"}, {"details": {}}, {"target": "x"}, {"hash": "0" * 64}, {"actor_id": None}]
)
def test_an_altered_event_shows(ada: User, change: dict[str, object]) -> None:
    write_three(ada)
    AuditEvent.objects.filter(number=2).update(**change)

    with pytest.raises(BrokenChain, match="Event 2"):
        verify()


def test_a_removed_event_shows_at_the_beginning_in_the_middle_and_at_the_end(ada: User) -> None:
    for number, said in ((1, "Event 1"), (2, "Event 2"), (3, "ends with event 2")):
        AuditEvent.objects.all().delete()
        ChainEnd.objects.all().delete()
        write_three(ada)
        AuditEvent.objects.filter(number=number).delete()
        with pytest.raises(BrokenChain, match=said):
            verify()


def test_code_can_neither_change_nor_delete_an_event(ada: User) -> None:
    event = write_three(ada)[0]
    event.actor = "bob"

    with pytest.raises(AuditLogError):
        event.save()
    with pytest.raises(AuditLogError):
        event.delete()


def test_a_deleted_account_changes_no_event(ada: User) -> None:
    write_three(ada)
    ada.delete()

    assert verify()[0] == 3
    assert AuditEvent.objects.get(number=1).actor == "ada"


def test_the_command_prints_the_last_hash_or_fails(ada: User) -> None:
    last = write_three(ada)[-1]
    printed = StringIO()
    call_command("verify_audit", stdout=printed)
    assert printed.getvalue() == f"3 events, the last one has the hash {last.hash}\n"

    AuditEvent.objects.filter(number=1).update(action="nothing")
    with pytest.raises(CommandError, match="Event 1"):
        call_command("verify_audit")


def test_the_newest_events_are_verified_by_themselves(ada: User) -> None:
    write_three(ada)
    assert verify(newest=2) == verify(newest=9) == verify()

    AuditEvent.objects.filter(number=2).update(actor="bob")
    assert verify(newest=1)[0] == 3
    with pytest.raises(BrokenChain, match="Event 2"):
        verify(newest=2)


def test_an_event_that_the_store_did_not_write_shows(ada: User) -> None:
    first, *_ = write_three(ada)
    AuditEvent.objects.bulk_create([AuditEvent(number=4, at=first.at, action="x", target="y", previous="", hash="")])

    with pytest.raises(BrokenChain, match="Event 4 was not written"):
        verify()
