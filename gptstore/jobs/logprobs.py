"""The log-probabilities of an output's tokens, in events and in the row of a job whose tool put them out."""

import json
from collections.abc import Sequence
from typing import Any

from gptstore.sdk.logprobs import StoredLogprob


def encode_logprobs(logprobs: Sequence[StoredLogprob]) -> str:
    """Return them as the row has them; "" for none. Text, not JSON: PostgreSQL's has no NUL, which a token may have."""
    return json.dumps(logprobs, ensure_ascii=False, separators=(",", ":")) if logprobs else ""


def decode_logprobs(text: str) -> list[StoredLogprob]:
    """Return those of a row."""
    found: list[StoredLogprob] = json.loads(text) if text else []
    return found


def output_data(text: str, logprobs: Sequence[StoredLogprob]) -> dict[str, Any]:
    """Return the data of an event with output: `logprobs` only where there are some."""
    return {"text": text, "logprobs": [*logprobs]} if logprobs else {"text": text}
