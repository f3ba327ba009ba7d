"""Probes the chat of a model server: the form of messages that loses no words, and whether the model thinks.

Nobody can read a server's chat template. But a server counts the tokens of a prompt, which grow with its words; and
vLLM tells what its tokens are.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from worker.engine.errors import BadRequest, EngineError, ModelLoadError
from worker.engine.protocol import Message, Prompt, Thinking
from worker.engine.remote.body import prompt_fields
from worker.engine.remote.server import CHAT, Server
from worker.engine.remote.stream import read_thoughts
from worker.engine.text.message_form import FORMS
from worker.engine.thoughts import begins_with_thoughts, mark_end, opened_by

Post = Callable[[str, dict[str, Any]], Any]
"""Posts a body to a path and returns the response's JSON. Raises EngineError."""

_WORDS = "one two three four five six seven eight nine ten eleven twelve"
_SHORT = (Message("system", "Hi"), Message("user", "Hi"))
_LONG = {
    "the system": (Message("system", _WORDS), Message("user", "Hi")),
    "the user": (Message("system", "Hi"), Message("user", _WORDS)),
}
_MIN_GROWTH = 6
_GREETING: tuple[Message, ...] = (Message("user", "Hi"),)
_TRIED = [form for form in FORMS if len(form.as_parts) in (0, 3)]
_FEW_TOKENS, _MANY_TOKENS = 16, 200
"""Tokens that show whether an answer begins with thoughts, and those after which short thoughts have ended."""


def find_form(post: Post, server: Server) -> Server:
    """Find the form in which a system's and a user's words arrive. Raises ModelLoadError where there is none."""
    reason = ""
    for form in _TRIED:
        tried = replace(server, form=form)
        try:
            short = _count(post, tried, _SHORT)
            lost = [whose for whose, prompt in _LONG.items() if not _grows(short, _count(post, tried, prompt))]
        except BadRequest as error:
            reason = reason or error.message
            continue
        except EngineError:
            return server  # a busy server tells nothing; requests will
        if not lost:
            return tried
        reason = reason or f"its chat template loses the words of {' and '.join(lost)}"
    raise ModelLoadError(
        f'The server at {server.url} can\'t be used for conversations with "{server.model}": {reason.rstrip(".")}. '
        "Start it with another chat template (vLLM: --chat-template), or serve another model."
    )


def find_thinking(post: Post, server: Server) -> Server:
    """Find out whether the model thinks, and which thoughts its prompts open."""
    off, on = (_read_prompt(post, server, thinking) for thinking in (False, True))
    opened = (opened_by(off), opened_by(on))
    message = _answer(post, server, _FEW_TOKENS if off else _MANY_TOKENS)
    text = str(message.get("content") or "")
    if not off and (ended := mark_end(text)) and not begins_with_thoughts(text):
        opened = (ended, ended)
    thinks = opened[0] or begins_with_thoughts(text) or read_thoughts(message)
    return replace(server, opened=opened, thinking=_describe(bool(thinks), off, on))


def _describe(thinks: bool, off: str, on: str) -> Thinking:
    if thinks:
        return "always"
    if off != on:
        return "optional"
    return "never" if off else "unknown"


def _grows(short: int | None, long: int | None) -> bool:
    """Return whether the words of a longer message are in its prompt, as far as the server counts."""
    return short is None or long is None or long - short >= _MIN_GROWTH


def _count(post: Post, server: Server, prompt: Prompt) -> int | None:
    """Have one token generated and return the number of the prompt's; None where the server does not count them."""
    body = {"model": server.model, **prompt_fields(prompt, server), "max_tokens": 1, "temperature": 0}
    answer = post(CHAT, body)
    usage = answer.get("usage") if isinstance(answer, dict) else None
    count = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return count if isinstance(count, int) and count > 0 else None


def _read_prompt(post: Post, server: Server, thinking: bool) -> str:
    """Return the text of a short prompt, by vLLM's /tokenize and /detokenize; "" where the server has none."""
    if not (server.is_vllm and server.counts_messages):
        return ""
    try:
        body = {"model": server.model, **prompt_fields(_GREETING, server, thinking=thinking)}
        tokens = post("tokenize", body)["tokens"]
        return str(post("detokenize", {"model": server.model, "tokens": tokens})["prompt"])
    except (EngineError, LookupError, TypeError):
        return ""


def _answer(post: Post, server: Server, max_tokens: int) -> dict[str, Any]:
    """Return the message of an answer to a greeting; an empty one where there is none."""
    most = max(1, min(max_tokens, server.context_length // 4))
    body = {"model": server.model, **prompt_fields(_GREETING, server), "max_tokens": most, "temperature": 0}
    try:
        message = post(CHAT, body)["choices"][0]["message"]
    except (EngineError, LookupError, TypeError):
        return {}
    return message if isinstance(message, dict) else {}
