"""A server with OpenAI's API: its address, and what can be found out about its model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from gptstore.sdk.dev.errors import ModelAway, ModelError

UNKNOWN_CONTEXT = 4096
"""Tokens of a model's context where neither its server nor the author says how many."""

_CONTEXT_FIELDS = ("max_model_len", "context_length", "context_window", "max_context_length")
_TIMEOUT = httpx.Timeout(30, connect=10)
_SHOWN = 300
_BUSY = frozenset({429, 502, 503, 504})
VLLM, STORE = "vllm", "gptstore"


@dataclass(frozen=True)
class Server:
    """One model on one server.

    url: the base of the API, such as "http://gpu:8000/v1". key: sent as a bearer token when not empty.
    owner: "vllm" or "gptstore", as the server's list of models says; these take and have more than others.
    counts: whether it has vLLM's /tokenize.
    """

    url: str
    key: str = field(default="", repr=False)
    model: str = ""
    context_length: int = UNKNOWN_CONTEXT
    is_chat: bool = True
    owner: str = ""
    counts: bool = False
    knows_context: bool = False

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity", "User-Agent": "gptstore-dev"}
        return headers | ({"Authorization": f"Bearer {self.key}"} if self.key else {})

    def path(self, name: str) -> str:
        """Return the address of a part of the API. vLLM's /tokenize lies beside the API's version, not below it."""
        return f"{self.url.removesuffix('/v1') if name == 'tokenize' else self.url}/{name}"


def base_url(url: str) -> str:
    """Return the base of the API: the address as it is, or with /v1 when it names no path."""
    parts = urlsplit(url)
    return url.rstrip("/") if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}/v1"


def find_server(
    client: httpx.Client, server: Server, *, context_length: int | None = None, is_chat: bool | None = None
) -> Server:
    """Find out what the server's model is. Raises ModelError.

    context_length, is_chat: what the author says of it. Without it, the server is asked: for the context its list of
    models, for the kind of model an answer to a message, of one token.
    """
    listed = _list_models(client, server)
    entry = _choose(server, listed)
    known = next((value for name in _CONTEXT_FIELDS if isinstance(value := entry.get(name), int) and value > 0), None)
    found = replace(
        server,
        model=entry["id"],
        context_length=context_length or known or UNKNOWN_CONTEXT,
        knows_context=bool(context_length or known),
        owner=str(entry.get("owned_by") or ""),
    )
    kind = _is_chat(client, found) if is_chat is None else is_chat
    return replace(found, is_chat=kind, counts=_counts(client, found))


def _list_models(client: httpx.Client, server: Server) -> list[dict[str, Any]]:
    try:
        response = client.get(server.path("models"), timeout=_TIMEOUT)
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise ModelAway(f"{server.url} does not answer ({reason}). Is the address right, and does it run?") from None
    if response.status_code in (401, 403):
        what = "does not take the key" if server.key else "wants a key"
        raise ModelAway(f"{server.url} {what}. Log in to a store, or name the variable that has the key by --key-env.")
    try:
        listed = response.json()["data"] if response.status_code == 200 else []
        return [entry for entry in listed if isinstance(entry.get("id"), str)]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


def _choose(server: Server, listed: list[dict[str, Any]]) -> dict[str, Any]:
    names = [entry["id"] for entry in listed]
    if not server.model:
        if not listed:
            raise ModelAway(f"{server.url} lists no model that answers now. Name one by --model, or try again later.")
        return listed[0]
    if listed and server.model not in names:
        raise ModelError(f"{server.url} has no model {server.model!r}; it has {', '.join(names[:10])}.")
    return next((entry for entry in listed if entry["id"] == server.model), {"id": server.model})


def _is_chat(client: httpx.Client, server: Server) -> bool:
    """Return whether the model takes messages. A store always does: its tool Chat makes a prompt of them."""
    if server.owner == STORE:
        return True
    body = {"model": server.model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1, "stream": False}
    try:
        response = client.post(server.path("chat/completions"), json=body, timeout=_TIMEOUT)
    except httpx.HTTPError as error:
        raise ModelAway(f"{server.url} does not answer ({type(error).__name__}).") from None
    if response.status_code in (401, 403):
        raise ModelAway(f"{server.url} does not take the key: {read_message(response)}")
    if response.status_code in _BUSY:
        raise ModelAway(f"{server.url} is busy: {read_message(response)} Say --chat or --base, or try again later.")
    try:
        return response.status_code == 200 and bool(response.json()["choices"])
    except (ValueError, LookupError, TypeError):
        return False


def _counts(client: httpx.Client, server: Server) -> bool:
    if server.owner == STORE:
        return False
    try:
        response = client.post(server.path("tokenize"), json={"model": server.model, "prompt": "Hi"}, timeout=_TIMEOUT)
        return response.status_code == 200 and read_count(response) is not None
    except httpx.HTTPError:
        return False


def read_count(response: httpx.Response) -> int | None:
    """Return the count in a response of /tokenize; None where it has another form."""
    try:
        count = response.json()["count"]
    except (ValueError, LookupError, TypeError):
        return None
    return count if isinstance(count, int) else None


def read_message(response: httpx.Response) -> str:
    """Return what a server says about an error, in one line."""
    try:
        found = response.json()
        error = found.get("error", found)
        message = error.get("message") or error.get("detail") if isinstance(error, dict) else error
    except (ValueError, AttributeError):
        message = response.text
    return " ".join(str(message or f"HTTP {response.status_code}").split())[:_SHOWN]
