"""Scores a text after a prompt: has the server echo both with their log-probabilities."""

from typing import Any

import httpx

from worker.engine.errors import BadRequest, EngineError, PromptTooLong
from worker.engine.prompt_check import check_prompt
from worker.engine.protocol import Prompt
from worker.engine.remote.counting import can_count, tokenize_body
from worker.engine.remote.errors import ContextOverflow
from worker.engine.remote.retry import post, retry
from worker.engine.remote.server import TEXT, Server

CANNOT = "This model server can't score: it does not echo log-probabilities on /completions, as vLLM does."


async def score(
    client: httpx.AsyncClient, server: Server, prompt: Prompt, continuation: str
) -> tuple[tuple[float, ...], int]:
    """Return the log-probabilities of the continuation's tokens, and the number of tokens read. Raises EngineError.

    Where the server has /tokenize, prompt and continuation are tokenized apart. Elsewhere they are one text, and the
    continuation begins with the first token that reaches beyond the prompt.
    """
    check_prompt(prompt, is_chat=server.is_chat)
    if not continuation:
        raise BadRequest("The continuation is empty.")
    if can_count(prompt, server) and server.counts_text:
        before = await _tokens(client, server, tokenize_body(prompt, server))
        if not isinstance(prompt, str) and (opened := server.opened[False]):
            before += await _tokens(client, server, tokenize_body(opened.ending, server, is_continuation=True))
        after = await _tokens(client, server, tokenize_body(continuation, server, is_continuation=True))
        if len(before) + len(after) >= server.context_length:
            raise PromptTooLong(len(before) + len(after), server.context_length)
        echoed = await _echo(client, server, before + after)
        return _slice(echoed.get("token_logprobs"), len(before), len(before) + len(after)), len(before) + len(after)
    if not isinstance(prompt, str):
        raise BadRequest("This model server can't score after messages: it has no /tokenize for them, as vLLM has.")
    echoed = await _echo(client, server, prompt + continuation)
    begin, end = _borders(echoed.get("text_offset"), len(prompt), len(prompt + continuation))
    return _slice(echoed.get("token_logprobs"), begin, end), end


async def _tokens(client: httpx.AsyncClient, server: Server, body: dict[str, Any]) -> list[int]:
    try:
        answer = await retry(lambda: post(client, server, "tokenize", body))
    except ContextOverflow as overflow:
        raise overflow.error from overflow
    tokens = answer.get("tokens") if isinstance(answer, dict) else None
    if not isinstance(tokens, list) or not tokens:
        raise BadRequest(CANNOT)
    return tokens


async def _echo(client: httpx.AsyncClient, server: Server, prompt: str | list[int]) -> dict[str, Any]:
    """Return the log-probabilities of the prompt's tokens, and of one more, which some servers insist on generating."""
    body = {"model": server.model, "prompt": prompt, "max_tokens": 1, "temperature": 0, "echo": True, "logprobs": 1}
    try:
        answer = await retry(lambda: post(client, server, TEXT, body))
        echoed = answer["choices"][0].get("logprobs")
    except ContextOverflow as overflow:
        raise overflow.error from overflow
    except BadRequest as error:
        raise BadRequest(f"{CANNOT} {error.message}") from error
    except EngineError:
        raise
    except (LookupError, TypeError, AttributeError) as error:
        raise BadRequest(CANNOT) from error
    if not isinstance(echoed, dict):
        raise BadRequest(CANNOT)
    return echoed


def _borders(offsets: Any, border: int, end: int) -> tuple[int, int]:
    """Return the index of the first token that reaches beyond the prompt, and of the first after the continuation."""
    if not isinstance(offsets, list) or not all(isinstance(offset, int) for offset in offsets):
        raise BadRequest(CANNOT)
    begins = [number for number, offset in enumerate(offsets) if offset <= border]
    last = sum(1 for offset in offsets if offset < end)
    return (begins[-1] if begins else 0), last


def _slice(values: Any, begin: int, end: int) -> tuple[float, ...]:
    found = values[begin:end] if isinstance(values, list) else []
    if len(found) != end - begin or not found or not all(isinstance(value, int | float) for value in found):
        raise BadRequest(CANNOT)
    return tuple(float(value) for value in found)
