import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers
from django.utils import timezone

from gptstore.accounts import keys
from gptstore.accounts.models import ApiKey, User


def test_a_key_is_random_and_only_its_digest_is_kept(ada: User) -> None:
    (first, secret), (_second, other_secret) = keys.create_key(ada, "laptop"), keys.create_key(ada, "laptop")

    assert re.fullmatch(r"gs_[A-Za-z0-9_-]{40}", secret)
    assert secret != other_secret
    assert first.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert first.prefix == secret[:8]
    stored = serializers.serialize("json", ApiKey.objects.all())
    assert secret not in stored
    assert secret[8:] not in stored + repr(first) + str(first)


def test_a_key_opens_its_owners_door(ada: User, bob: User) -> None:
    _key, secret = keys.create_key(ada, "laptop")
    keys.create_key(bob, "laptop")

    assert keys.authenticate(secret) == ada


@pytest.mark.parametrize(
    "change", [lambda s: "", lambda s: s[:-1], lambda s: s + "x", lambda s: s.upper(), lambda s: "\0"]
)
def test_a_key_that_is_only_similar_opens_nothing(ada: User, change: Any) -> None:
    _key, secret = keys.create_key(ada, "laptop")

    assert keys.authenticate(change(secret)) is None


def test_the_digest_is_no_key(ada: User) -> None:
    key, _secret = keys.create_key(ada, "laptop")

    assert keys.authenticate(key.digest) is None


def test_a_wrong_key_costs_as_many_queries_as_a_right_one(ada: User, django_assert_num_queries: Any) -> None:
    _key, secret = keys.create_key(ada, "laptop")
    keys.authenticate(secret)

    for guess in (secret, secret[:-1], "", "x" * 10_000):
        with django_assert_num_queries(1):
            keys.authenticate(guess)


def test_a_revoked_key_opens_nothing_and_keeps_its_time(ada: User) -> None:
    key, secret = keys.create_key(ada, "laptop")

    keys.revoke(key)
    revoked_at = key.revoked_at
    keys.revoke(key)

    assert keys.authenticate(secret) is None
    assert revoked_at is not None
    assert key.revoked_at == revoked_at


def test_the_last_use_is_noted_at_most_once_a_minute(ada: User) -> None:
    key, secret = keys.create_key(ada, "laptop")
    assert key.last_used_at is None

    def use_after(age: timedelta) -> bool:
        """Whether a use was noted, when the last one is as old as `age`."""
        before = timezone.now() - age
        ApiKey.objects.update(last_used_at=before)
        keys.authenticate(secret)
        return ApiKey.objects.get().last_used_at != before

    keys.authenticate(secret)
    assert ApiKey.objects.get().last_used_at is not None
    assert not use_after(timedelta(seconds=50))
    assert use_after(timedelta(seconds=70))


def test_a_use_that_opens_nothing_is_not_noted(ada: User) -> None:
    key, secret = keys.create_key(ada, "laptop")
    User.objects.update(is_active=False)

    assert keys.authenticate(secret) is None
    key.refresh_from_db()
    assert key.last_used_at is None
