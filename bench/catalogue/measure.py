"""Asks a running site for pages, one at a time and many at once. Needs Django's settings."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from time import perf_counter
from typing import Any

import httpx
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.catalogue.pages import Page
from bench.common.samples import percentile
from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User
from harness.rows import make_user

SLOW_MS = 2_000
MAX_SAMPLES = 200


class Visitors:
    """Those who ask: a guest, a person with runs, an admin, and a program with a key."""

    def __init__(self, url: str) -> None:
        self.url = url
        person = User.objects.get(username="crowd-0")
        admin = make_user("root", is_staff=True, is_superuser=True)
        self.cookies = {"person": session_of(person), "admin": session_of(admin)}
        self.key = create_key(person, "of the benchmark")[1]

    def headers(self, page: Page) -> dict[str, str]:
        found = {"Accept-Language": page.language}
        if page.caller in self.cookies:
            found["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={self.cookies[page.caller]}"
        if page.caller == "key":
            found["Authorization"] = f"Bearer {self.key}"
        return found

    def ask_here(self, page: Page) -> int:
        """Return the number of queries of a page, which this process answers itself."""
        client = Client(headers=self.headers(page), SERVER_NAME="localhost")
        client.get(page.address)
        with CaptureQueriesContext(connection) as captured:
            client.get(page.address)
        return len(captured)


def session_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def measure(page: Page, visitors: Visitors, clients: int, seconds: float) -> dict[str, Any]:
    """Return what a page costs one client, and so many at once; where it isn't there, only its status."""
    headers = visitors.headers(page)
    with httpx.Client(base_url=visitors.url, headers=headers, timeout=120) as client:
        answer = client.get(page.address)
        if answer.status_code != 200:
            return {"skipped": f"answers {answer.status_code}"}
        one = samples(lambda: client.get(page.address).raise_for_status(), seconds)
    found = {"bytes": len(answer.content), "queries": visitors.ask_here(page), **described(one, 1)}
    if percentile(one, 50) > SLOW_MS:
        return {**found, f"clients_{clients}": {"skipped": f"one client waits longer than {SLOW_MS} ms"}}
    return {**found, **described(crowd(visitors.url, page.address, headers, clients, seconds), clients)}


def crowd(url: str, address: str, headers: dict[str, str], clients: int, seconds: float) -> list[float]:
    """Ask from several clients at once, each on a connection of its own."""
    kept = local()
    opened: list[httpx.Client] = []

    def ask() -> None:
        if not hasattr(kept, "client"):
            kept.client = httpx.Client(base_url=url, headers=headers, timeout=120)
            opened.append(kept.client)
        kept.client.get(address).raise_for_status()

    with ThreadPoolExecutor(clients) as threads:
        parts = [threads.submit(samples, ask, seconds) for _ in range(clients)]
        found = [sample for part in parts for sample in part.result()]
    for client in opened:
        client.close()
    return found


def samples(ask: Callable[[], object], seconds: float) -> list[float]:
    """Return milliseconds of one request after the other, for so many seconds, of at least one."""
    found: list[float] = []
    end = perf_counter() + seconds
    while not found or (perf_counter() < end and len(found) < MAX_SAMPLES):
        begun = perf_counter()
        ask()
        found.append((perf_counter() - begun) * 1000)
    return found


def described(found: list[float], clients: int) -> dict[str, Any]:
    figures = {"p50_ms": percentile(found, 50), "p95_ms": percentile(found, 95), "requests": len(found)}
    return {f"clients_{clients}": figures}
