"""Nothing that a browser sends by itself changes anything: unsafe methods need the form's token."""

import pytest

from tests.security.callers import UNSAFE, Answer, Caller, class_of
from tests.security.routes import Belongings
from tests.security.tables import FOR_PEOPLE, FOR_PROGRAMS

WITHOUT_A_TOKEN = {Answer.FORBIDDEN, Answer.NO_METHOD, Answer.MISSING}
WITHOUT_A_SESSION = {*WITHOUT_A_TOKEN, Answer.UNKNOWN}
"""The answers of an API that takes keys only."""


@pytest.mark.parametrize("role", ["guest", "owner", "admin"])
def test_pages_refuse_every_unsafe_method_without_a_token(
    role: str, people: dict[str, Caller], belongings: Belongings
) -> None:
    taken = {
        (method, route): answer
        for route in FOR_PEOPLE
        for method in UNSAFE
        if (answer := class_of(people[role].call(method, belongings.path(route), csrf=True))) != Answer.FORBIDDEN
    }

    assert taken == {}


def test_the_api_refuses_every_unsafe_method_of_a_session_without_a_token(
    programs: dict[str, Caller], belongings: Belongings
) -> None:
    taken = {
        (method, route): answer
        for route in FOR_PROGRAMS
        for method in UNSAFE
        if (answer := class_of(programs["own session"].call(method, belongings.path(route), csrf=True)))
        not in (WITHOUT_A_SESSION if route.startswith("v1/") else WITHOUT_A_TOKEN)
    }

    assert taken == {}


def test_the_api_asks_a_program_for_no_token(programs: dict[str, Caller], belongings: Belongings) -> None:
    path = f"/api/v1/jobs/{belongings.job.id}/cancel"

    assert programs["own key"].call("POST", path, csrf=True).status_code == 200
    assert programs["own session"].call("POST", path, csrf=True).status_code == 403
