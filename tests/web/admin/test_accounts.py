import pytest
from django.test import Client
from django.urls import reverse

from gptstore.accounts import keys
from gptstore.accounts.models import ApiKey, User


@pytest.fixture
def admin(bob: User) -> Client:
    User.objects.filter(pk=bob.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(bob)
    return client


def test_admins_see_keys_without_secrets(admin: Client, ada: User) -> None:
    key, secret = keys.create_key(ada, "laptop")

    for page in (reverse("admin:accounts_apikey_changelist"), reverse("admin:accounts_apikey_change", args=[key.pk])):
        text = admin.get(page).text
        assert "laptop" in text
        assert secret[8:] not in text
        assert key.digest not in text


def test_admins_make_no_keys(admin: Client) -> None:
    assert admin.get(reverse("admin:accounts_apikey_add")).status_code == 403


def test_admins_can_revoke_keys(admin: Client, ada: User) -> None:
    key, secret = keys.create_key(ada, "laptop")

    form = {"action": "revoke_keys", "_selected_action": [key.pk]}
    answer = admin.post(reverse("admin:accounts_apikey_changelist"), form, follow=True)

    assert "1 key revoked" in answer.text
    assert keys.authenticate(secret) is None
    assert not ApiKey.objects.active().exists()


@pytest.mark.parametrize("page", ["user_changelist", "user_add"])
def test_admins_manage_people(admin: Client, page: str) -> None:
    assert admin.get(reverse(f"admin:accounts_{page}")).status_code == 200
