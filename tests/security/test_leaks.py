"""What belongs to one person does not show in what others get, not even that it is there."""

import re
from uuid import uuid4

import pytest

from tests.security.callers import Caller, said
from tests.security.routes import PERSONAL, PRIVATE, Belongings
from tests.security.tables import FOR_PEOPLE, FOR_PROGRAMS

OTHERS = ("guest", "another", "staff")
OF_ONE_JOB = [route for route in FOR_PEOPLE | FOR_PROGRAMS if "job_id>" in route]
SEARCHES = [
    "/?q={part}",
    "/runs/?q={part}",
    "/runs/?tool=shout",
    "/runs/?status=succeeded",
    "/tools/shout/",
    "/tools/shout/?from={job}",
    "/docs/?q={part}",
    "/readyz",
    "/admin/search/?s={part}",
    "/admin/search/?s=ada",
    "/admin/jobs/job/?q={part}",
    "/admin/accounts/user/?q={part}",
    "/admin/autocomplete/?app_label=jobs&model_name=job&field_name=owner&term={part}",
    "/admin/autocomplete/?app_label=accounts&model_name=apikey&field_name=owner&term=ada",
    "/api/v1/jobs?tool=shout",
    "/api/v1/tools?search={part}",
    "/api/v1/tools/shout",
]


@pytest.mark.parametrize("address", SEARCHES)
@pytest.mark.parametrize("mark", [PRIVATE, PERSONAL])
def test_a_search_finds_nothing_of_others(
    address: str, mark: str, people: dict[str, Caller], belongings: Belongings
) -> None:
    path = address.format(part=mark[:7], job=belongings.job.id)  # a page repeats what it was asked for

    for role in OTHERS:
        answer = said(people[role].call("GET", path))

        assert mark not in answer, role


def test_the_marks_are_there_to_be_found(people: dict[str, Caller], belongings: Belongings) -> None:
    assert PRIVATE in said(people["owner"].call("GET", "/runs/"))
    assert PRIVATE in said(people["owner"].call("GET", f"/tools/shout/?from={belongings.job.id}"))
    assert PERSONAL in said(people["owner"].call("GET", "/account/"))
    assert PERSONAL in said(people["admin"].call("GET", "/admin/accounts/apikey/"))


@pytest.mark.parametrize("route", OF_ONE_JOB)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_run_of_somebody_else_looks_like_none(
    route: str, method: str, people: dict[str, Caller], programs: dict[str, Caller], belongings: Belongings
) -> None:
    path, nowhere = belongings.path(route), str(uuid4())
    callers = {"another": programs["another's key"]} if route in FOR_PROGRAMS else {r: people[r] for r in OTHERS}

    for role, caller in callers.items():
        theirs = caller.call(method, path)
        none = caller.call(method, path.replace(str(belongings.job.id), nowhere))

        assert theirs.status_code == none.status_code, role
        assert plain(said(theirs)).replace(str(belongings.job.id), nowhere) == plain(said(none)), role


def test_a_key_of_somebody_else_looks_like_none(people: dict[str, Caller], belongings: Belongings) -> None:
    for method in ("GET", "POST"):
        theirs = people["another"].call(method, f"/account/keys/{belongings.key.pk}/revoke/")
        none = people["another"].call(method, "/account/keys/987654/revoke/")

        assert theirs.status_code == none.status_code == 404
        assert plain(said(theirs)).replace(f"/keys/{belongings.key.pk}/", "/keys/987654/") == plain(said(none))


def plain(text: str) -> str:
    """Drop what differs for other reasons: the tokens of forms, the time, and the length, as ids are of any length."""
    return re.sub(r"value=\"[A-Za-z0-9]{64}\"|'(Expires|Content-Length)': '[^']*'", "", text)
