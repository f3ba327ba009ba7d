from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from gptstore.accounts import keys
from gptstore.accounts.models import ApiKey, User


def test_it_prints_the_key_and_nothing_else(ada: User) -> None:
    out = StringIO()

    call_command("create_api_key", "ada", "--name", "CI", stdout=out)

    assert keys.authenticate(out.getvalue().removesuffix("\n")) == ada
    assert ApiKey.objects.get().name == "CI"


@pytest.mark.parametrize(("arguments", "reason"), [(["eve"], "no user “eve”"), (["ada", "--name", " "], "1 to 80")])
def test_it_says_what_is_wrong(ada: User, arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("create_api_key", *arguments)
    assert not ApiKey.objects.exists()


def test_somebody_who_left_gets_no_key(ada: User) -> None:
    User.objects.update(is_active=False)

    with pytest.raises(CommandError, match="not active"):
        call_command("create_api_key", "ada")
