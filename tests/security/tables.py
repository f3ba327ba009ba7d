"""Who may do what: one row for every route. A route without a row fails, and so does a row without a route."""

from tests.security.access import (
    ELSEWHERE,
    FORBIDDEN,
    INVALID,
    MISSING,
    NO_METHOD,
    OK,
    SIGN_IN,
    UNKNOWN,
    Row,
    any_method,
    everybody,
    guests,
    owner,
    owner_or_staff,
    signed_in,
    staff,
    with_a_key,
    with_key,
    with_own_key,
)

PUBLIC = Row(everybody(OK))
SIGNED_IN = Row(signed_in(OK))
OWNED = Row(owner(OK))

SITE = {
    "": PUBLIC,
    "categories/<slug:slug>/": PUBLIC,
    "tags/<path:tag>/": PUBLIC,
    "publishers/<path:name>/": PUBLIC,
    "tools/<slug:slug>/": Row(everybody(OK), post=everybody(INVALID)),
    "tools/<slug:slug>/icon": Row(everybody(MISSING)),  # it has none
    "tools/<slug:slug>/check": Row(everybody(NO_METHOD), post=everybody(MISSING)),  # without ?field=
    "runs/": SIGNED_IN,
    "runs/<uuid:job_id>/": OWNED,
    "runs/<uuid:job_id>/output": OWNED,
    "runs/<uuid:job_id>/queue": OWNED,
    "runs/<uuid:job_id>/download": OWNED,
    "runs/<uuid:job_id>/events": Row((MISSING, MISSING, OK, MISSING, MISSING)),  # a script can't follow a redirect
    "runs/<uuid:job_id>/cancel": Row(signed_in(NO_METHOD), post=owner(ELSEWHERE)),
    "account/": Row(signed_in(OK), post=signed_in(INVALID)),
    "account/keys/<int:pk>/revoke/": Row(owner(OK), post=owner(ELSEWHERE)),
    "plugins/": Row(signed_in(OK), post=signed_in(INVALID)),
    "plugins/<slug:name>/": Row(owner_or_staff(OK)),
    "plugins/<slug:name>/<int:release_id>/withdraw/": Row(owner_or_staff(OK), post=owner_or_staff(ELSEWHERE)),
    "plugins/<slug:name>/<int:release_id>/yank/": Row(signed_in(MISSING), post=signed_in(MISSING)),  # not approved
    "model/": PUBLIC,
    "favicon.ico": Row(everybody(ELSEWHERE)),
    "robots.txt": PUBLIC,
    "docs/": PUBLIC,
    "docs/<path:name>/": PUBLIC,
    "docs/images/<path:name>": PUBLIC,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "i18n/setlang/": any_method(everybody(ELSEWHERE)),  # changes nothing but the caller's cookie
}

# allauth's views: OPTIONS shows what there is, and a form takes PUT as POST.
READ = Row(everybody(OK), options=everybody(OK))
FORM = Row(everybody(OK), post=everybody(OK), put=everybody(OK), options=everybody(OK))
OWN_FORM = Row(signed_in(OK), post=signed_in(OK), put=signed_in(OK), options=signed_in(OK))
GUEST_FORM = Row(guests(OK), post=guests(OK), put=guests(OK), options=guests(OK), rest=guests(NO_METHOD))

SIGN_IN_PAGES = {
    "accounts/": any_method(everybody(ELSEWHERE)),
    "accounts/login/": GUEST_FORM,
    "accounts/signup/": GUEST_FORM,
    "accounts/logout/": Row(guests(ELSEWHERE)[:1] + (OK,) * 4, post=everybody(ELSEWHERE), options=everybody(OK)),
    "accounts/inactive/": READ,
    "accounts/reauthenticate/": OWN_FORM,
    "accounts/login/code/confirm/": any_method((SIGN_IN, *(ELSEWHERE,) * 4)),
    "accounts/password/change/": OWN_FORM,
    "accounts/password/set/": any_method(signed_in(ELSEWHERE)),
    "accounts/password/reset/": FORM,
    "accounts/password/reset/done/": READ,
    "accounts/password/reset/key/done/": READ,
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": any_method(everybody(OK)),  # a wrong key
    "accounts/email/": Row(signed_in(OK), post=signed_in(ELSEWHERE), put=signed_in(ELSEWHERE), options=signed_in(OK)),
    "accounts/confirm-email/": READ,
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": Row(everybody(OK), post=everybody(MISSING), options=everybody(OK)),
}

# The admin takes every method but POST for GET. Whoever is not staff has to sign in as somebody who is.
ADMINS = any_method(staff(FORBIDDEN, OK))
NOBODY = any_method(staff(FORBIDDEN, FORBIDDEN))
STAFF = any_method(staff(OK, OK))
SAVED = Row(staff(FORBIDDEN, OK), post=staff(FORBIDDEN, ELSEWHERE), rest=staff(FORBIDDEN, OK))
READ_ONLY = Row(staff(FORBIDDEN, OK), post=staff(FORBIDDEN, FORBIDDEN), rest=staff(FORBIDDEN, OK))

ADMIN = {
    "admin/": STAFF,
    "admin/search/": STAFF,
    "admin/login/": any_method((SIGN_IN, FORBIDDEN, FORBIDDEN, ELSEWHERE, ELSEWHERE)),  # to the site's own
    "admin/logout/": Row(
        (*(ELSEWHERE,) * 3, NO_METHOD, NO_METHOD),
        post=(*(ELSEWHERE,) * 3, OK, OK),
        options=(*(ELSEWHERE,) * 3, OK, OK),
        rest=(*(ELSEWHERE,) * 3, NO_METHOD, NO_METHOD),
    ),
    "admin/password_change/": any_method(staff(ELSEWHERE, ELSEWHERE)),  # to the site's own
    "admin/password_change/done/": Row(staff(OK, OK), options=staff(OK, OK)),
    "admin/autocomplete/": Row(staff(FORBIDDEN, FORBIDDEN), options=staff(OK, OK)),  # without a model's name
    "admin/jsi18n/": Row(staff(OK, OK), options=staff(OK, OK)),
    "admin/r/<path:content_type_id>/<path:object_id>/": any_method(everybody(MISSING)),
    "admin/r/<path:row>/": any_method(everybody(MISSING)),
    r"admin/^(?P<app_label>accounts|auth|account|audit|catalog|jobs|releases)/$": any_method(staff(MISSING, OK)),
    r"admin/(?P<url>.*)$": any_method(staff(MISSING, MISSING)),
    "admin/accounts/user/<id>/password/": ADMINS,
    "admin/dashboard/": STAFF,
    "admin/fleet/": ADMINS,
    "admin/fleet/<int:number>/drain/": Row(staff(NO_METHOD, NO_METHOD), post=staff(FORBIDDEN, ELSEWHERE)),
    "admin/fleet/<int:number>/resume/": Row(staff(NO_METHOD, NO_METHOD), post=staff(FORBIDDEN, ELSEWHERE)),
}


def rows_of_model(name: str, *, add: Row = ADMINS, change: Row = ADMINS, delete: Row = ADMINS) -> dict[str, Row]:
    one = f"admin/{name}/<path:object_id>/"
    return {
        f"admin/{name}/": ADMINS,
        f"admin/{name}/add/": add,
        one: any_method(staff(ELSEWHERE, ELSEWHERE)),  # to its `change/`, without a look at the row
        f"{one}change/": change,
        f"{one}delete/": delete,
        f"{one}history/": ADMINS,
    }


MODELS = {
    **rows_of_model("accounts/user"),
    **rows_of_model("accounts/apikey", add=NOBODY, change=SAVED),
    **rows_of_model("account/emailaddress"),
    **rows_of_model("auth/group"),
    **rows_of_model("catalog/brokenplugin", add=NOBODY, change=READ_ONLY, delete=NOBODY),
    **rows_of_model("catalog/category", delete=any_method(staff(FORBIDDEN, ELSEWHERE))),  # it has a tool
    **rows_of_model("catalog/toolsettings", add=NOBODY, change=SAVED, delete=NOBODY),
    **rows_of_model("catalog/tool", add=NOBODY, delete=NOBODY),
    "admin/catalog/tool/many/<slug:verb>/": Row(staff(NO_METHOD, NO_METHOD), post=staff(FORBIDDEN, INVALID)),
    **rows_of_model("jobs/job", add=NOBODY, change=SAVED, delete=NOBODY),
    **rows_of_model("jobs/worker", add=NOBODY, change=READ_ONLY, delete=NOBODY),
}

# Releases and plugins change by steps, each with a page that asks again. This release is submitted, and not live.
STEP = Row(staff(FORBIDDEN, OK), post=staff(FORBIDDEN, INVALID), rest=staff(NO_METHOD, NO_METHOD))
TAKEN = Row(staff(FORBIDDEN, OK), post=staff(FORBIDDEN, ELSEWHERE), rest=staff(NO_METHOD, NO_METHOD))
SHOWN = Row(staff(FORBIDDEN, OK), rest=staff(NO_METHOD, NO_METHOD))

RELEASES = {
    **rows_of_model("audit/auditevent", add=NOBODY, change=READ_ONLY, delete=NOBODY),
    **rows_of_model("releases/plugin", add=NOBODY, delete=NOBODY),
    **rows_of_model("releases/release", add=NOBODY, delete=NOBODY),
    "admin/releases/release/<path:object_id>/code/": SHOWN,
    "admin/releases/release/<path:object_id>/bundle/": Row(staff(FORBIDDEN, MISSING), rest=staff(NO_METHOD, NO_METHOD)),
    **{
        f"admin/releases/release/<path:object_id>/{name}/": STEP
        for name in ("approve", "reject", "quarantine", "end-quarantine", "yank")
    },
    "admin/releases/release/<path:object_id>/start-review/": TAKEN,
    "admin/releases/plugin/<path:object_id>/state/": SHOWN,
    **{f"admin/releases/plugin/<path:object_id>/{name}/": STEP for name in ("deploy", "roll-back", "take-down")},
}

FOR_PEOPLE = SITE | SIGN_IN_PAGES | ADMIN | MODELS | RELEASES

# A program's callers: no key, a wrong key, another's key, the own key, the owner's session.
CATALOGUE = Row(everybody(OK), options=everybody(OK))
NOWHERE = any_method(everybody(MISSING))

FOR_PROGRAMS = {
    "api/": NOWHERE,
    "api/docs": CATALOGUE,
    "api/v1/": NOWHERE,
    "api/v1/openapi.json": CATALOGUE,
    "api/v1/model": CATALOGUE,
    "api/v1/tools": CATALOGUE,
    "api/v1/tools/<slug:slug>": CATALOGUE,
    "api/v1/tools/<slug:slug>/jobs": Row(everybody(NO_METHOD), post=with_key(INVALID), options=everybody(OK)),
    "api/v1/tools/<slug:slug>@<version>": CATALOGUE,
    "api/v1/tools/<slug:slug>@<version>/jobs": Row(everybody(NO_METHOD), post=with_key(INVALID), options=everybody(OK)),
    "api/v1/jobs": Row(with_key(OK), options=everybody(OK), rest=everybody(NO_METHOD)),
    "api/v1/jobs/<uuidstr:job_id>": Row(with_own_key(OK), options=everybody(OK), rest=everybody(NO_METHOD)),
    "api/v1/jobs/<uuidstr:job_id>/events": Row(with_own_key(OK), options=everybody(OK), rest=everybody(NO_METHOD)),
    "api/v1/jobs/<uuidstr:job_id>/output": Row(with_own_key(OK), options=everybody(OK), rest=everybody(NO_METHOD)),
    "api/v1/jobs/<uuidstr:job_id>/cancel": Row(everybody(NO_METHOD), post=with_own_key(OK), options=everybody(OK)),
    "api/v1/releases": Row(
        everybody(NO_METHOD), post=(UNKNOWN, UNKNOWN, FORBIDDEN, FORBIDDEN, INVALID), options=everybody(OK)
    ),
    "api/v1/releases/<int:release_id>": Row(with_own_key(OK), options=everybody(OK), rest=everybody(NO_METHOD)),
    "v1/": NOWHERE,
    "v1/models": Row(with_a_key(OK), options=everybody(OK), rest=everybody(NO_METHOD)),
    "v1/models/<path:name>": Row(with_a_key(OK), options=everybody(OK), rest=everybody(NO_METHOD)),
    "v1/completions": Row(everybody(NO_METHOD), post=with_a_key(INVALID), options=everybody(OK)),
    "v1/chat/completions": Row(everybody(NO_METHOD), post=with_a_key(INVALID), options=everybody(OK)),
}
