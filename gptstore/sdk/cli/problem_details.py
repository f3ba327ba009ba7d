"""Reads what a store answers when it refuses a request: problem details (RFC 9457), and what proxies say."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from gptstore.sdk.cli.errors import BundleRefusedError, CommandError, InputError, StoreAway, StoreError
from gptstore.sdk.cli.terminal import harmless_line

REFUSED_BUNDLE = "urn:gptstore:problem:refused-bundle"
TRY_AGAIN = {429, 502, 503, 504}
LOG_IN = "gptstore login --server"


def check_response(response: httpx.Response, server: str) -> None:
    """Raise the error that a response stands for, where it stands for one. Its body must have been read."""
    status = response.status_code
    if status < 300:
        return
    if status in TRY_AGAIN:
        raise StoreAway(f"{server} is busy or away ({status}).", read_retry_after(response))
    if status < 400:
        target = harmless_line(response.headers.get("Location", "another address"))
        raise StoreError(f"{server} sends on to {target}. Give the address of the store itself with --server.")
    problem = _problem(response)
    if problem is None:
        raise StoreError(f"There is no store at {server}: it answers {status} in another form.")
    if status == 401:
        raise StoreError(f"{server} refuses this key. Log in with one from your account page:  {LOG_IN} {server}")
    if problem.get("type") == REFUSED_BUNDLE:
        raise BundleRefusedError(_lines(problem))
    if status == 422 and (found := _fields(problem)):
        raise InputError(found)
    detail = harmless_line(str(problem.get("detail") or problem.get("title") or f"The store answers {status}."))
    raise StoreError(f"{server}: {detail}") if status >= 500 else CommandError(detail)


def read_retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of `Retry-After`, which has a number or a date; None where there is nothing to read."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _problem(response: httpx.Response) -> dict[str, Any] | None:
    if not response.headers.get("Content-Type", "").startswith("application/problem+json"):
        return None
    try:
        found = response.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _lines(problem: dict[str, Any]) -> list[str]:
    """Return a line for each problem of a bundle."""
    errors = problem.get("errors")
    return [
        harmless_line(f"{error.get('field')}: {error.get('code')}: {error.get('message')}")
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]


def _fields(problem: dict[str, Any]) -> dict[str, str]:
    """Return the message for each wrong field."""
    errors = problem.get("errors")
    return {
        harmless_line(str(error.get("field"))): harmless_line(str(error.get("message")))
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    }
