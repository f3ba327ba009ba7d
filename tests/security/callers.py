"""Who calls: people with a browser and programs with a key, and what they get."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from http.cookies import SimpleCookie

from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler

from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
SIGN_IN = ("/accounts/login/", "/admin/login/")


class Answer(StrEnum):
    """The class of an answer."""

    OK = "ok"
    ELSEWHERE = "sent elsewhere"
    SIGN_IN = "sent to the sign-in"
    INVALID = "invalid"
    UNKNOWN = "unknown caller"
    FORBIDDEN = "forbidden"
    MISSING = "not found"
    NO_METHOD = "no such method"


BY_STATUS = {401: Answer.UNKNOWN, 403: Answer.FORBIDDEN, 404: Answer.MISSING, 405: Answer.NO_METHOD}


def class_of(response: HttpResponseBase) -> Answer:
    status = response.status_code
    assert status < 500, f"status {status}"
    if 300 <= status < 400:
        return Answer.SIGN_IN if response["Location"].startswith(SIGN_IN) else Answer.ELSEWHERE
    if status in (400, 415, 422):
        return Answer.INVALID
    return BY_STATUS.get(status, Answer.OK)


@dataclass
class Caller:
    """A browser or a program. Each request is its first: nothing that an earlier one did is left."""

    headers: dict[str, str] = field(default_factory=dict)
    cookies: SimpleCookie = field(default_factory=SimpleCookie)

    def call(self, method: str, path: str, *, csrf: bool = False, **options: object) -> HttpResponseBase:
        client = make_client(csrf, self.headers)
        client.cookies = deepcopy(self.cookies)
        with undone():
            return client.generic(method, path, **options)  # type: ignore[arg-type]


def make_client(csrf: bool = False, headers: dict[str, str] | None = None) -> Client:
    client = Client(raise_request_exception=False, headers=headers)
    client.handler = handler(csrf)
    return client


@cache
def handler(csrf: bool) -> ClientHandler:
    """Return the site with its middleware, which takes longer to load than to answer."""
    return ClientHandler(enforce_csrf_checks=csrf)


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what a request writes."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def browser(user: User) -> Caller:
    client = make_client()
    client.force_login(user)
    return Caller(cookies=client.cookies)


def program(user: User) -> Caller:
    return with_key(create_key(user, "a program")[1])


def with_key(secret: str) -> Caller:
    return Caller({"Authorization": f"Bearer {secret}"})


def said(response: HttpResponseBase) -> str:
    """Return all that an answer tells, with its headers; of events nothing, as their owner alone gets any."""
    body = b"" if response.streaming else response.content  # type: ignore[attr-defined]
    return body.decode(errors="replace") + str(response.headers)
