"""The REST API of a store. A request that gets no answer is sent again, which no request here can do twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from httpx_sse import EventSource, SSEError

from gptstore.sdk.cli.console import print_note
from gptstore.sdk.cli.errors import StoreAway, StoreError, UsageError
from gptstore.sdk.cli.problem_details import check_response
from gptstore.sdk.cli.retries import Patience

TIMEOUT = httpx.Timeout(10, read=30)
"""A stream has a sign of life every ten seconds, and so is broken when nothing came for thirty."""

UPLOAD_TIMEOUT = httpx.Timeout(30, read=600)
"""The store checks a whole bundle before it answers."""

PAGE = 100
Json = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """One event of a job, as docs/api.md lists them."""

    name: str
    data: Json
    id: str = ""


class Store:
    """A connection to a store. find_key: called when the key is needed first. note: tells what is waited for."""

    def __init__(self, server: str, find_key: Callable[[], str]) -> None:
        self.server = server
        self.note: Callable[[str], None] = print_note
        self._find_key = find_key
        self._key: str | None = None
        self._reached = False
        try:
            self._http = httpx.Client(base_url=f"{server}/api/v1", timeout=TIMEOUT)
        except (httpx.InvalidURL, ImportError, ValueError) as error:  # of the environment's proxy, too
            raise UsageError(f"{server} cannot be reached from here: {error}.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def check_key(self) -> None:
        """Raise StoreError when the store does not take the key."""
        self._ask("HEAD", "/jobs", params={"limit": 1})

    def tools(self, search: str = "", category: str = "") -> Iterator[Json]:
        """Yield the tools of the catalogue, those that fit best first."""
        filters = {name: value for name, value in (("search", search), ("category", category)) if value}
        offset = 0
        while True:
            page = self._ask("GET", "/tools", signed=False, params={**filters, "limit": PAGE, "offset": offset})
            yield from page["items"]
            offset += len(page["items"])
            if offset >= page["count"] or not page["items"]:
                return

    def tool(self, slug: str) -> Json:
        """Return one tool. Raises CommandError when there is none."""
        return self._ask("GET", f"/tools/{quote(slug, safe='')}", signed=False)

    def submit(self, slug: str, body: Json, key: str, cancel_after: str | None = None) -> Json:
        """Queue a run and return its job; the same one for each request with this idempotency key."""
        headers = {"Idempotency-Key": key} | ({"Cancel-After": cancel_after} if cancel_after else {})
        return self._ask("POST", f"/tools/{quote(slug, safe='')}/jobs", json=body, headers=headers)

    def jobs(self, limit: int, status: str | None = None, tool: str | None = None) -> Iterator[Json]:
        """Yield up to `limit` jobs, the newest first."""
        filters = {name: value for name, value in (("status", status), ("tool", tool)) if value}
        offset = 0
        while offset < limit:
            params = {**filters, "limit": min(PAGE, limit - offset), "offset": offset}
            page = self._ask("GET", "/jobs", params=params)
            yield from page["items"]
            offset += len(page["items"])
            if offset >= page["count"] or not page["items"]:
                return

    def job(self, job_id: str) -> Json:
        return self._ask("GET", f"/jobs/{job_id}")

    def submit_bundle(self, path: Path) -> Json:
        """Send a bundle as a new release, and return that. It is sent once: the same again would be refused."""
        try:
            with path.open("rb") as file:
                files = {"bundle": (path.name, file, "application/octet-stream")}
                options = {"files": files, "headers": self._authorization(), "timeout": UPLOAD_TIMEOUT}
                return self._ask_once("POST", "/releases", options)
        except OSError as error:
            raise UsageError(f"{path} can't be read ({error.strerror}): name another file.") from None

    def release(self, release_id: int) -> Json:
        return self._ask("GET", f"/releases/{release_id}")

    def cancel(self, job_id: str) -> Json:
        return self._ask("POST", f"/jobs/{job_id}/cancel")

    def read_events(self, job_id: str, last_id: str = "") -> Iterator[Event]:
        """Yield the events of a job after the one with this id, over one connection. Raises StoreAway."""
        headers = self._authorization() | {"Accept": "text/event-stream"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        try:
            with self._http.stream("GET", f"/jobs/{job_id}/events", headers=headers) as response:
                if response.status_code != 200:
                    response.read()
                    self._check(response)
                self._reached = True
                for sent in EventSource(response).iter_sse():
                    if sent.event and sent.data:
                        yield Event(sent.event, json.loads(sent.data), sent.id)
        except httpx.HTTPError as error:
            raise self._away(error) from None
        except (SSEError, ValueError):
            raise StoreError(f"{self.server} sends events in another form than a store.") from None

    def _ask(self, method: str, path: str, *, signed: bool = True, **options: Any) -> Json:
        if signed:
            options["headers"] = {**options.get("headers", {}), **self._authorization()}
        patience = Patience(self.note)
        while True:
            try:
                return self._ask_once(method, path, options)
            except StoreAway as away:
                patience.wait(away)

    def _ask_once(self, method: str, path: str, options: Mapping[str, Any]) -> Json:
        try:
            response = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise self._away(error) from None
        self._check(response)
        found = self._read(response, has_body=method != "HEAD")
        self._reached = True
        return found

    def _authorization(self) -> dict[str, str]:
        self._key = self._key or self._find_key()
        return {"Authorization": f"Bearer {self._key}"}

    def _check(self, response: httpx.Response) -> None:
        check_response(response, self.server)

    def _read(self, response: httpx.Response, *, has_body: bool) -> Json:
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        try:
            found = (response.json() if has_body else {}) if is_json else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise StoreError(f"There is no store at {self.server}: it answers in another form.")
        return found

    def _away(self, error: httpx.HTTPError) -> StoreError:
        """Return the error for a request without an answer. A store that never answered may be a wrong address."""
        reason = str(error) or type(error).__name__
        if self._reached:
            return StoreAway(f"{self.server} does not answer ({reason}).")
        return StoreError(f"{self.server} does not answer ({reason}). Is the address right, and does the store run?")
