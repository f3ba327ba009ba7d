"""Every address, method and caller: nobody gets more than the tables say."""

from collections.abc import Mapping
from typing import Any

import pytest

from gptstore.api.rest.site import api
from tests.security.access import OK, Row
from tests.security.callers import METHODS, Answer, Caller, class_of, said
from tests.security.routes import PERSONAL, PRIVATE, Belongings, routes
from tests.security.tables import FOR_PEOPLE, FOR_PROGRAMS

HIDDEN = {"owner": (), "own key": (), "own session": (), "admin": (PRIVATE,)}
"""The marks in the owner's rows that a caller must not see. All others must see none of them."""


@pytest.fixture(autouse=True)
def no_rate_limits(settings: Any) -> None:
    """Each of many requests is one more try of a sign-in from one address."""
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    """Without one, the pages that send mail are not there."""
    settings.HAS_MAIL = True


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert sorted(FOR_PEOPLE | FOR_PROGRAMS) == routes()
    assert not FOR_PEOPLE.keys() & FOR_PROGRAMS.keys()


def test_every_operation_of_the_api_has_a_row_that_takes_its_method() -> None:
    for path, operations in api.get_openapi_schema()["paths"].items():
        route = path[1:].replace("{slug}", "<slug:slug>").replace("{job_id}", "<uuidstr:job_id>")
        route = route.replace("{version}", "<version>").replace("{release_id}", "<int:release_id>")
        for method in operations:
            answers = FOR_PROGRAMS[route].by_method()[method.upper()]
            assert answers[-1] in (OK, Answer.INVALID), (route, method)


@pytest.mark.parametrize("route", FOR_PEOPLE)
def test_people_get_what_the_table_says(route: str, people: dict[str, Caller], belongings: Belongings) -> None:
    check(FOR_PEOPLE[route], people, belongings.path(route))


@pytest.mark.parametrize("route", FOR_PROGRAMS)
def test_programs_get_what_the_table_says(route: str, programs: dict[str, Caller], belongings: Belongings) -> None:
    check(FOR_PROGRAMS[route], programs, belongings.path(route))


def check(row: Row, callers: Mapping[str, Caller], path: str) -> None:
    expected, found, seen = {}, {}, []
    for method in METHODS:
        for (role, caller), answer in zip(callers.items(), row.by_method()[method], strict=True):
            response = caller.call(method, path)
            expected[method, role] = answer
            found[method, role] = class_of(response)
            seen += [(method, role, mark) for mark in HIDDEN.get(role, (PRIVATE, PERSONAL)) if mark in said(response)]
    assert found == expected
    assert seen == []
