"""Values that nobody enters by accident: whatever a page gets, it answers, and never with an error of the store."""

from urllib.parse import quote, urlencode

import pytest

from tests.security.callers import Caller
from tests.security.routes import Belongings

TEXTS = [
    "",
    "-1",
    "9" * 40,
    "9" * 4000,
    "NaN",
    "²",
    "\0",
    "a\0b",
    "\r\nX-Header: y",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "%",
    "\\",
    "../../../etc/passwd",
    "//evil.example/",
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "a" * 20_000,
    "🙂" * 500,
    "\u202e\ufeff\u0301",
    '{"a": 1}',
]
VALUES = [*map(quote, TEXTS), "%ff", "%ED%A0%80", "%zz", "&&==", "9" * 5000]
IN_ADDRESSES = [
    "-1",
    "9" * 40,
    "9" * 5000,
    "%00",
    "%ff",
    "%ED%A0%80",
    "%",
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9F%99%82",
    "%C2%B2",
]
QUERIES = {
    "/": ["q"],
    "/docs/": ["q"],
    "/runs/": ["q", "status", "tool", "page"],
    "/tools/shout/": ["from", "example"],
    "/accounts/login/": ["next"],
    "/accounts/signup/": ["next"],
    "/accounts/logout/": ["next"],
    "/api/docs": ["next"],
    "/admin/": ["q"],
    "/admin/search/": ["s", "page", "extended"],
    "/admin/jobs/job/": ["q", "p", "o", "all", "e", "status__exact", "tool__id__exact", "created_at__year", "owner"],
    "/admin/accounts/user/": ["q", "p", "o", "is_staff__exact", "_to_field", "_popup"],
    "/admin/catalog/tool/": ["q", "enabled__exact", "category__id__exact", "_facets"],
    "/admin/releases/release/": ["q", "p", "o", "status", "risk"],
    "/admin/releases/plugin/": ["q", "p", "o", "trust__exact", "live__isempty"],
    "/admin/audit/auditevent/": ["before", "action", "actor", "target", "q"],
    "/admin/autocomplete/": ["term", "app_label", "model_name", "field_name"],
}
ADDRESSES = [
    "/{}",
    "/tools/{}/",
    "/tools/{}/check",
    "/tools/shout/check?field={}",
    "/runs/{}/",
    "/runs/{}/events",
    "/runs/{}/cancel",
    "/account/keys/{}/revoke/",
    "/docs/{}/",
    "/docs/images/{}",
    "/api/{}",
    "/accounts/confirm-email/{}/",
    "/accounts/password/reset/key/{}-x/",
    "/accounts/password/reset/key/1-{}/",
    "/admin/{}",
    "/admin/r/1/{}/",
    "/admin/jobs/{}/",
    "/admin/jobs/job/{}/change/",
    "/admin/jobs/worker/{}/history/",
    "/admin/accounts/user/{}/password/",
    "/admin/accounts/user/{}/delete/",
    "/admin/catalog/tool/{}/change/",
    "/admin/releases/release/{}/change/",
    "/admin/releases/release/{}/code/",
    "/admin/releases/release/{}/approve/",
    "/admin/releases/plugin/{}/change/",
    "/admin/releases/plugin/{}/state/",
    "/admin/audit/auditevent/{}/change/",
]
FORMS = {
    "/tools/shout/": ["text"],
    "/tools/shout/check?field=text": ["text"],
    "/account/": ["name"],
    "/accounts/login/": ["login", "password", "next", "remember"],
    "/accounts/signup/": ["username", "password1", "password2", "next"],
    "/accounts/password/change/": ["oldpassword", "password1", "password2"],
    "/accounts/reauthenticate/": ["password", "next"],
    "/i18n/setlang/": ["language", "next"],
    "/admin/jobs/job/": ["action", "_selected_action", "select_across", "index"],
    "/admin/catalog/category/": ["form-0-position", "form-TOTAL_FORMS", "form-INITIAL_FORMS", "_save"],
    "/admin/accounts/user/add/": ["username", "password1", "usable_password", "_popup"],
}
FORM = "application/x-www-form-urlencoded"
HEADERS = ["Accept-Language", "Cookie", "Referer", "HX-Request", "HX-Current-URL", "Last-Event-ID", "If-None-Match"]


def broken(caller: Caller, method: str, paths: list[str], **options: object) -> dict[str, int]:
    """Return what was answered with an error of the store, by address."""
    statuses = {path: caller.call(method, path, **options).status_code for path in paths}
    return {path[:200]: status for path, status in statuses.items() if status >= 500}


def who(path: str) -> str:
    """Return the role that gets furthest there."""
    if path.startswith(("/accounts/login", "/accounts/signup")):
        return "guest"
    return "admin" if path.startswith("/admin/") else "owner"


@pytest.mark.parametrize("path", QUERIES)
def test_a_query_of_any_value_is_answered(path: str, people: dict[str, Caller], belongings: Belongings) -> None:
    paths = [f"{path}?{name}={value}" for name in QUERIES[path] for value in VALUES]

    assert broken(people[who(path)], "GET", paths) == {}


@pytest.mark.parametrize("value", [value for value in VALUES if len(value) != 5000])
def test_the_number_of_an_example_may_be_anything(
    value: str, people: dict[str, Caller], belongings: Belongings
) -> None:
    assert people["guest"].call("GET", f"/tools/shout/?example={value}").status_code in (200, 404)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_of_any_parts_is_answered(address: str, people: dict[str, Caller], belongings: Belongings) -> None:
    caller = people[who(address)]
    paths = [address.replace("{}", value) for value in IN_ADDRESSES]

    assert broken(caller, "GET", paths) == {}
    assert broken(caller, "POST", paths) == {}


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_any_values_is_answered(path: str, people: dict[str, Caller], belongings: Belongings) -> None:
    for text in TEXTS:
        body = urlencode(dict.fromkeys(FORMS[path], text))

        assert (
            broken(people[who(path)], "POST", [path], data=body, content_type="application/x-www-form-urlencoded") == {}
        )


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_of_any_value_is_answered(header: str, people: dict[str, Caller], belongings: Belongings) -> None:
    paths = ["/", "/runs/", f"/runs/{belongings.job.id}/"]
    for text in TEXTS:
        value = text.encode().decode("latin-1").replace("\r\n", " ")

        assert broken(people["owner"], "GET", paths, headers={header: value}) == {}


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"&&&===", b"--x", b"%", b"a=" + b"9" * 5000])
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "text/x", ""])
def test_a_body_of_any_kind_is_answered(
    kind: str, body: bytes, people: dict[str, Caller], belongings: Belongings
) -> None:
    assert broken(people["owner"], "POST", [*FORMS, "/nowhere"], data=body, content_type=kind) == {}
