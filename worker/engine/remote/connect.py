"""Connects to a model server and starts its engine. Every failure is one ModelLoadError that says what to do."""

import logging
from dataclasses import replace
from functools import partial
from time import monotonic, sleep
from typing import Any

import httpx

from worker.engine.errors import EngineError, ModelLoadError
from worker.engine.protocol import Message, Prompt
from worker.engine.remote.body import completion_path, prompt_fields
from worker.engine.remote.chat_probe import find_form, find_thinking
from worker.engine.remote.counting import read_count, tokenize_body
from worker.engine.remote.engine import RemoteEngine
from worker.engine.remote.errors import ContextOverflow, KeyRejected, RetryLater, excerpt
from worker.engine.remote.retry import certificates, post_now, timeouts
from worker.engine.remote.server import Server, base_url, checked_key
from worker.engine.text.message_form import MessageForm

logger = logging.getLogger(__name__)

UNKNOWN_CONTEXT = 4096
"""The context length of a model when neither its server nor the operator gives one."""

_GREETING: tuple[Message, ...] = (Message("user", "Hi"),)
_PARTS = MessageForm(as_parts=frozenset({"system", "user", "assistant"}))
_TRIALS: tuple[tuple[Prompt, dict[str, Any]], ...] = (
    (_GREETING, {"takes_switches": True}),
    (_GREETING, {}),
    (_GREETING, {"takes_switches": True, "form": _PARTS}),
    (_GREETING, {"form": _PARTS}),
    ("Hi", {"is_chat": False}),
)
"""The kinds of requests, best first: messages with `chat_template_kwargs` or without, then as parts, and plain text."""

_CONTEXT_FIELDS = ("max_model_len", "context_length", "context_window", "max_context_length")
_STARTING = frozenset({502, 503, 504})


def open_remote(
    url: str,
    *,
    key: str = "",
    model: str = "",
    context_length: int | None = None,
    concurrency: int = 256,
    silence_s: float = 120.0,
    patience_s: float = 120.0,
) -> RemoteEngine:
    """Find a server's model, have it generate one token, and return an engine that uses it. Raises ModelLoadError.

    url: of a server with OpenAI's API: "http://gpu:8000", or with the path when that is not /v1.
    model: its name there; empty: the first that the server lists.
    context_length: tokens of a prompt and its answer together; the lower one counts when the server has one too.
    patience_s: the time to wait for a server that is still starting.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    server = Server(base_url(url), model, checked_key(key))
    with httpx.Client(headers=server.headers, timeout=timeouts(silence_s), verify=certificates(server)) as client:
        listed = _wait_for_models(client, server, patience_s)
        server = _choose(server, listed, context_length)
        server = _find_prompt_kind(client, server, patience_s)
        server = _find_tokenize(client, server)
        if server.is_chat:
            post = partial(_post_patiently, client, server, patience_s)
            server = find_thinking(post, find_form(post, server))
    logger.info("model server found", extra={"url": server.url, "model": server.model, "is_chat": server.is_chat})
    return RemoteEngine(server, concurrency=concurrency, silence_s=silence_s)


def _wait_for_models(client: httpx.Client, server: Server, patience_s: float) -> list[dict[str, Any]]:
    """Return the models that the server lists; none where it has no list."""
    begun_at, pause, logged = monotonic(), 0.25, False
    while True:
        try:
            response = client.get(server.path("models"))
            if response.status_code not in _STARTING:
                return _read_models(server, response)
            why = f"HTTP {response.status_code}"
        except httpx.RequestError as error:
            why = excerpt(str(error), server) or type(error).__name__
        if monotonic() - begun_at + pause > patience_s:
            raise ModelLoadError(
                f"The model server at {server.url} did not answer within {patience_s:g} s ({why}). "
                "Start it, or correct GPTSTORE_ENGINE_URL."
            )
        if not logged:
            logger.warning("waiting for the model server", extra={"url": server.url, "why": why})
            logged = True
        sleep(pause)
        pause = min(2 * pause, 5.0)


def _read_models(server: Server, response: httpx.Response) -> list[dict[str, Any]]:
    if response.status_code in (401, 403):
        what = "refused the key" if server.key else "wants a key"
        raise ModelLoadError(f"The model server at {server.url} {what}. Set GPTSTORE_ENGINE_KEY to one that it takes.")
    try:
        listed = response.json()["data"] if response.status_code == 200 else []
        models = [entry for entry in listed if isinstance(entry.get("id"), str)]
    except (ValueError, LookupError, TypeError, AttributeError):
        models = []
    if not models and not server.model:
        raise ModelLoadError(
            f"The server at {server.url} lists no models (HTTP {response.status_code} on /models). Name the model in "
            "GPTSTORE_ENGINE_MODEL, or correct GPTSTORE_ENGINE_URL."
        )
    return models


def _choose(server: Server, listed: list[dict[str, Any]], context_length: int | None) -> Server:
    model = server.model or listed[0]["id"]
    entry = next((entry for entry in listed if entry["id"] == model), {})
    length = next((value for name in _CONTEXT_FIELDS if isinstance(value := entry.get(name), int) and value > 0), None)
    known = [value for value in (length, context_length) if value]
    if not known:
        logger.warning("context length unknown", extra={"model": model, "taken": UNKNOWN_CONTEXT})
    return replace(
        server,
        model=model,
        others=tuple(entry["id"] for entry in listed),
        context_length=min(known, default=UNKNOWN_CONTEXT),
        is_vllm=entry.get("owned_by") == "vllm",
    )


def _find_tokenize(client: httpx.Client, server: Server) -> Server:
    """Find out for which prompts the server has vLLM's /tokenize."""
    text, messages = (_counts(client, server, prompt) for prompt in ("Hi", _GREETING))
    return replace(server, counts_text=text, counts_messages=messages)


def _counts(client: httpx.Client, server: Server, prompt: Prompt) -> bool:
    try:
        return bool(read_count(post_now(client, server, "tokenize", tokenize_body(prompt, server))))
    except (EngineError, RetryLater, ContextOverflow):
        return False


def _find_prompt_kind(client: httpx.Client, server: Server, patience_s: float) -> Server:
    """Have one token generated after a message, or else after plain text, to find out which of them the model takes."""
    problems, until = [], monotonic() + patience_s
    for prompt, features in _TRIALS:
        tried = replace(server, **features)
        body = {"model": server.model, **prompt_fields(prompt, tried), "max_tokens": 1, "temperature": 0}
        try:
            _post_patiently(client, tried, max(0.0, until - monotonic()), completion_path(prompt), body)
            return tried
        except KeyRejected as error:
            raise ModelLoadError(error.message) from error
        except EngineError as error:
            problems.append(error)
    if server.others and server.model not in server.others:
        raise ModelLoadError(
            f'The server at {server.url} has no model "{server.model}". Set GPTSTORE_ENGINE_MODEL to one that it has: '
            f"{', '.join(server.others[:10])}."
        )
    raise ModelLoadError(
        f'The server at {server.url} does not run "{server.model}". After a message: {problems[1].message} '
        f"After plain text: {problems[-1].message}"
    )


def _post_patiently(client: httpx.Client, server: Server, patience_s: float, path: str, body: dict[str, Any]) -> Any:
    """Post, retry while the server is busy, and return the response's JSON. Raises EngineError."""
    until = monotonic() + patience_s
    while True:
        try:
            return post_now(client, server, path, body)
        except ContextOverflow as overflow:
            raise overflow.error from overflow
        except RetryLater as again:
            pause = 1.0 if again.after_s is None else again.after_s
            if monotonic() + pause > until:
                raise again.error from again
        sleep(pause)
