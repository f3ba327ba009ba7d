"""What a server's refusal means for a request."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from worker.engine.errors import BadRequest, EngineError, RemoteUnavailable
from worker.engine.remote.server import TEXT, Server

PASSING = frozenset({408, 425, 429, 502, 503, 504})
"""HTTP statuses that say nothing about the request itself."""

_MAX_SAID = 300
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


class TryAgain(Exception):
    """Raised when the same exchange may go well later. `after_s`: not before so many seconds, if the server said so."""

    def __init__(self, error: EngineError, after_s: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.after_s = after_s


class Overflow(Exception):
    """Raised when prompt and answer do not fit the context. `prompt_tokens`: their number, where the server told it."""

    def __init__(self, error: BadRequest, prompt_tokens: int | None) -> None:
        super().__init__(error.message)
        self.error = error
        self.prompt_tokens = prompt_tokens


class KeyRefused(RemoteUnavailable):
    """Raised when the server wants another key. A retry helps when the operator has set it."""


def refuse(server: Server, status: int, text: str, *, path: str, retry_after: str | None = None) -> Exception:
    """Return what to raise for an answer that is no success: TryAgain, Overflow or an EngineError."""
    fields, said = _read(text)
    said = bounded(said, server)
    if status in (401, 403):
        return KeyRefused(f"The model server refused the key (HTTP {status}). Check GPTSTORE_ENGINE_KEY.")
    if status in (404, 405, 501) and path == TEXT and server.is_chat:
        return BadRequest("This model server takes messages only: it does not continue plain text.")
    if status == 404:
        return RemoteUnavailable(_not_found(server, path, said))
    if status in PASSING:
        state = "is overloaded" if status == 429 else "is not ready"
        return TryAgain(RemoteUnavailable(f"The model server {state} (HTTP {status}): {said}"), _seconds(retry_after))
    if _TOO_LONG.search(text):
        error = BadRequest(f"The model server has no room for this request: {said}")
        return Overflow(error, _prompt_tokens(fields, text))
    if 400 <= status < 500:
        return BadRequest(f"The model server refused the request (HTTP {status}): {said}")
    hint = " Check GPTSTORE_ENGINE_URL." if status < 400 else ""
    return RemoteUnavailable(f"The model server failed (HTTP {status}): {said}{hint}")


def refuse_in_stream(server: Server, error: object, *, path: str) -> Exception:
    """Return what to raise for an error that a server sent instead of a piece of its answer."""
    code = error.get("code") if isinstance(error, dict) else None
    text = json.dumps({"error": error})
    if isinstance(code, int) and 400 <= code < 600:
        return refuse(server, code, text, path=path)
    return RemoteUnavailable(f"The model server failed while it answered: {bounded(_read(text)[1], server)}")


def bounded(said: str, server: Server) -> str:
    """What a server said, on one line, at most so long, and never with the key in it."""
    said = said.replace(server.key, "…") if server.key else said
    said = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
    return said if len(said) <= _MAX_SAID else said[:_MAX_SAID] + "…"


def _read(text: str) -> tuple[dict[str, Any], str]:
    """The fields of an error and its message, in any of the forms in use."""
    try:
        fields = json.loads(text)
    except ValueError:
        return {}, text
    if isinstance(fields, dict) and isinstance(fields.get("error"), dict):
        fields = fields["error"]
    if not isinstance(fields, dict):
        return {}, text
    said = next((fields[name] for name in ("message", "error", "detail") if fields.get(name)), text)
    return fields, said if isinstance(said, str) else json.dumps(said)


def _prompt_tokens(fields: dict[str, Any], text: str) -> int | None:
    told = fields.get("n_prompt_tokens")  # llama.cpp
    if isinstance(told, int):
        return told
    found = (re.search(pattern, text) for pattern in _PROMPT_TOKENS)
    return next((int(match[1]) for match in found if match), None)


def _not_found(server: Server, path: str, said: str) -> str:
    has = ", ".join(server.others[:10]) or "unknown"
    return (
        f'The model server has no model "{server.model}" or no /{path} (HTTP 404): {said} '
        f"Its models: {has}. Check GPTSTORE_ENGINE_MODEL and GPTSTORE_ENGINE_URL."
    )


def _seconds(retry_after: str | None) -> float | None:
    """The header Retry-After, which is a number of seconds or a date."""
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
