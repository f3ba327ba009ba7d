"""Who gets a mail about what the store decided."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from gptstore.accounts.models import User
from gptstore.releases import notify
from gptstore.releases.activation import advance_rollouts
from gptstore.releases.deploy import deploy
from gptstore.releases.quarantine import quarantine
from harness.rows import make_user
from tests.releases.conftest import Approved
from tests.releases.fleet_rows import report

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses(ada: User, bob: User, boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for user in (ada, bob, boss, make_user("eve", is_staff=True)):
        EmailAddress.objects.create(user=user, email=f"{user}@example.org", verified=True, primary=True)
    monkeypatch.setattr(notify, "send_soon", notify.send)  # in this thread, so that it has ended


def recipients() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def test_the_author_and_those_who_deploy_are_told(
    addresses: None, approved: Approved, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.HAS_MAIL = True
    release = approved("1.0")
    deploy(release, None)
    report("w1", (release, "It needs numpy."))

    with django_capture_on_commit_callbacks(execute=True):
        advance_rollouts()
        advance_rollouts()

    assert recipients() == ["ada@example.org", "boss@example.org"]
    assert mail.outbox[0].subject == "[gptstore] Rollout of acme-tool 1.0"
    assert "w1: It needs numpy." in mail.outbox[0].body


def test_an_address_that_nobody_verified_gets_nothing(
    addresses: None, approved: Approved, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.HAS_MAIL = True
    EmailAddress.objects.filter(email="ada@example.org").update(verified=False)

    with django_capture_on_commit_callbacks(execute=True):
        quarantine(approved("1.0"), "It crashed.")

    assert recipients() == ["boss@example.org"]


def test_without_a_mail_server_nothing_is_sent(
    addresses: None, approved: Approved, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        quarantine(approved("1.0"), "It crashed.")

    assert mail.outbox == []


def test_a_mail_server_that_is_away_changes_nothing(
    addresses: None, approved: Approved, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.HAS_MAIL = True
    settings.EMAIL_BACKEND = "gptstore.mail.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    release = approved("1.0")

    with django_capture_on_commit_callbacks(execute=True):
        assert quarantine(release, "It crashed.")

    release.refresh_from_db()
    assert not release.is_deployable
