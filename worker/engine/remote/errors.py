"""The errors of a remote engine, and their reading from a server's error responses."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from worker.engine.errors import BadRequest, EngineError, RemoteUnavailable
from worker.engine.remote.server import TEXT, Server

TRANSIENT_STATUSES = frozenset({408, 425, 429, 502, 503, 504})
"""HTTP statuses after which the same request may succeed."""

_MAX_EXCERPT = 300
_TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|maximum model length|exceed_context_size|`inputs` tokens", re.IGNORECASE
)
_PROMPT_TOKENS = (
    r"\((\d+) in the (?:messages|prompt)",
    r"(?:messages|prompt) resulted in (\d+) tokens",
    r"(?:request has|prompt contains) (\d+) (?:input )?tokens",
    r"(?:input|request|prompt) \((?:length )?(\d+)(?: tokens)?\)",
    r"(\d+) tokens from the input",
    r"Given: (\d+) `inputs` tokens",
)


class RetryLater(Exception):
    """Raised when a retry of the same exchange may help, not before `after_s` seconds where the server asks for that.

    error: the request's error when no retry is left.
    """

    def __init__(self, error: EngineError, after_s: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.after_s = after_s


class ContextOverflow(Exception):
    """Raised when prompt and answer do not fit the context. A retry for a shorter answer may help.

    error: the request's error otherwise. prompt_tokens: their number, where the server sends it.
    """

    def __init__(self, error: BadRequest, prompt_tokens: int | None) -> None:
        super().__init__(error.message)
        self.error = error
        self.prompt_tokens = prompt_tokens


class KeyRejected(RemoteUnavailable):
    """Raised when the server wants another key. A retry helps when the operator has set it."""


def error_in_response(
    server: Server, status: int, text: str, *, path: str, retry_after: str | None = None
) -> Exception:
    """Return the error of a response that is no success: RetryLater, ContextOverflow or an EngineError."""
    fields, message = _read(text)
    message = excerpt(message, server)
    if status in (401, 403):
        return KeyRejected(f"The model server refused the key (HTTP {status}). Check GPTSTORE_ENGINE_KEY.")
    if status in (404, 405, 501) and path == TEXT and server.is_chat:
        return BadRequest("This model server takes messages only: it does not continue plain text.")
    if status == 404:
        return RemoteUnavailable(_not_found(server, path, message))
    if status in TRANSIENT_STATUSES:
        state = "is overloaded" if status == 429 else "is not ready"
        passing = RemoteUnavailable(f"The model server {state} (HTTP {status}): {message}")
        return RetryLater(passing, _seconds(retry_after))
    if _TOO_LONG.search(text):
        error = BadRequest(f"The model server has no room for this request: {message}")
        return ContextOverflow(error, _prompt_tokens(fields, text))
    if 400 <= status < 500:
        return BadRequest(f"The model server refused the request (HTTP {status}): {message}")
    hint = " Check GPTSTORE_ENGINE_URL." if status < 400 else ""
    return RemoteUnavailable(f"The model server failed (HTTP {status}): {message}{hint}")


def error_in_stream(server: Server, error: object, *, path: str) -> Exception:
    """Return the error that a server sent within a stream."""
    code = error.get("code") if isinstance(error, dict) else None
    text = json.dumps({"error": error})
    if isinstance(code, int) and 400 <= code < 600:
        return error_in_response(server, code, text, path=path)
    return RemoteUnavailable(f"The model server failed while it answered: {excerpt(_read(text)[1], server)}")


def excerpt(text: str, server: Server) -> str:
    """Return a server's text on one line, shortened, and never with the key in it."""
    text = text.replace(server.key, "…") if server.key else text
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= _MAX_EXCERPT else text[:_MAX_EXCERPT] + "…"


def _read(text: str) -> tuple[dict[str, Any], str]:
    """Return the fields of an error and its message, in any of the forms in use."""
    try:
        fields = json.loads(text)
    except ValueError:
        return {}, text
    if isinstance(fields, dict) and isinstance(fields.get("error"), dict):
        fields = fields["error"]
    if not isinstance(fields, dict):
        return {}, text
    message = next((fields[name] for name in ("message", "error", "detail") if fields.get(name)), text)
    return fields, message if isinstance(message, str) else json.dumps(message)


def _prompt_tokens(fields: dict[str, Any], text: str) -> int | None:
    count = fields.get("n_prompt_tokens")  # llama.cpp
    if isinstance(count, int):
        return count
    found = (re.search(pattern, text) for pattern in _PROMPT_TOKENS)
    return next((int(match[1]) for match in found if match), None)


def _not_found(server: Server, path: str, message: str) -> str:
    has = ", ".join(server.others[:10]) or "unknown"
    return (
        f'The model server has no model "{server.model}" or no /{path} (HTTP 404): {message} '
        f"Its models: {has}. Check GPTSTORE_ENGINE_MODEL and GPTSTORE_ENGINE_URL."
    )


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds of the header Retry-After, which is a number or a date."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
