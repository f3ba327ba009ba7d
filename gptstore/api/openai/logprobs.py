"""The log-probabilities of an answer in the forms of chat and of plain completions."""

from codecs import getincrementaldecoder
from collections.abc import Sequence
from typing import Any

from gptstore.sdk.logprobs import StoredLogprob, TokenLogprob, from_stored
from gptstore.sdk.openai_logprobs import escape, write_token


def chat_logprobs(stored: Sequence[StoredLogprob]) -> dict[str, Any]:
    """Return `logprobs` of a choice of a chat."""
    return {
        "content": [{**entry(one), "top_logprobs": [*map(entry, one.top)]} for one in from_stored(stored)],
        "refusal": None,
    }


def entry(one: TokenLogprob) -> dict[str, Any]:
    """Return one token. A part of a character is written as in `\\xe4\\xbd`, and is whole in its bytes."""
    try:
        text = one.token.decode()
    except UnicodeDecodeError:
        text = escape(one.token)
    return {"token": text, "logprob": one.logprob, "bytes": [*one.token]}


def completion_logprobs(stored: Sequence[StoredLogprob], offset: int) -> tuple[dict[str, Any], int]:
    """Return `logprobs` of a choice of a plain completion, and the offset after its last token.

    offset: characters before its first token, those of the prompt included. Beside the likeliest tokens in each place
    stands the one that was chosen.
    """
    decoder = getincrementaldecoder("utf-8")("replace")
    tokens, values, tops, offsets = [], [], [], []
    for one in from_stored(stored):
        text = write_token(one.token)
        tokens.append(text)
        values.append(one.logprob)
        offsets.append(offset)
        top: dict[str, float] = {}
        for other in one.top:
            top.setdefault(write_token(other.token), other.logprob)
        tops.append({**top, text: top.get(text, one.logprob)})
        offset += len(decoder.decode(one.token))
    return {"tokens": tokens, "token_logprobs": values, "top_logprobs": tops, "text_offset": offsets}, offset
