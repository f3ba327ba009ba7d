"""Counts the tokens of a prompt: with the server's /tokenize, else by an estimate."""

from dataclasses import replace
from math import ceil
from typing import Any

from worker.engine.protocol import Prompt
from worker.engine.remote.body import prompt_fields
from worker.engine.remote.server import Server

_TEMPLATE_TOKENS = 16
_MESSAGE_TOKENS = 8


def estimate(prompt: Prompt) -> int:
    """Estimate a number of tokens, rather too high: one for 3 letters of ASCII, and for 2 bytes of other text.

    English takes about one token for 4 letters, Chinese one for 1 to 1.5 characters of 3 bytes each.
    """
    if isinstance(prompt, str):
        letters = sum(map(str.isascii, prompt)) if not prompt.isascii() else len(prompt)
        return ceil(letters / 3) + ceil((len(prompt.encode(errors="replace")) - letters) / 2)
    return _TEMPLATE_TOKENS + sum(_MESSAGE_TOKENS + estimate(message.content) for message in prompt)


def ceiling(prompt: Prompt) -> int:
    """Return a number of tokens that no prompt exceeds in practice: one for each byte, and room for a template."""
    texts = [prompt] if isinstance(prompt, str) else [message.content for message in prompt]
    return sum(len(text.encode(errors="replace")) + _TEMPLATE_TOKENS for text in texts) + 4 * _TEMPLATE_TOKENS


def can_count(prompt: Prompt, server: Server) -> bool:
    """Return whether the server has /tokenize for such a prompt."""
    return server.counts_text if isinstance(prompt, str) else server.counts_messages


def tokenize_body(prompt: Prompt, server: Server, *, is_continuation: bool = False) -> dict[str, Any]:
    """Return the body for vLLM's /tokenize."""
    known = server if server.is_vllm else replace(server, takes_switches=False)
    body = {"model": server.model, **prompt_fields(prompt, known)}
    return body | {"add_special_tokens": False} if is_continuation else body


def read_count(answer: Any) -> int | None:
    """Return the count in the response of /tokenize; None for a response of another form."""
    count = answer.get("count") if isinstance(answer, dict) else None
    return count if isinstance(count, int) and count >= 0 else None
