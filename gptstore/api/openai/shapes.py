"""The objects of OpenAI's API: a completion, and the chunks of a stream, in the two kinds that there are."""

from collections.abc import Sequence
from typing import Any, Literal

from gptstore.api.openai.answer import Delta
from gptstore.api.openai.logprobs import chat_logprobs, completion_logprobs
from gptstore.jobs.logprobs import decode_logprobs
from gptstore.jobs.models import Job
from gptstore.sdk.logprobs import StoredLogprob

Kind = Literal["completion", "chat"]
IDS: dict[Kind, str] = {"completion": "cmpl", "chat": "chatcmpl"}


class Shape:
    """Makes the objects for one request. jobs: one for each choice. model: as the caller named it.

    with_usage: each chunk has the field `usage`. offsets: the characters before the next token of each choice.
    """

    def __init__(self, kind: Kind, jobs: Sequence[Job], model: str, *, with_usage: bool = False) -> None:
        job = jobs[0]
        self.kind = kind
        self.model = model
        self.id = f"{IDS[kind]}-{job.id.hex}"
        self.created = int(job.created_at.timestamp())
        self.with_usage = with_usage
        self.with_logprobs = job.input.get("logprobs") is not None
        self.offsets = [len(job.input.get("text", ""))] * len(jobs)

    def whole(self, jobs: Sequence[Job]) -> dict[str, Any]:
        """Return the completion, with a choice for each job."""
        name = "chat.completion" if self.kind == "chat" else "text_completion"
        choices = [
            choice(place, self.content(job), reason_of(job), self.logprobs(place, decode_logprobs(job.logprobs)))
            for place, job in enumerate(jobs)
        ]
        return {**self.head(name), "choices": choices, "usage": usage_of(jobs)}

    def content(self, job: Job) -> dict[str, Any]:
        if self.kind == "chat":
            return {"message": {"role": "assistant", "content": job.output, "refusal": None}}
        return {"text": job.output}

    def beginning(self, place: int) -> list[dict[str, Any]]:
        """Return the chunks before the first text of the choice at this place."""
        role = {"role": "assistant", "content": "", "refusal": None}
        return [self.chunk(place, role)] if self.kind == "chat" else []

    def piece(self, place: int, delta: Delta) -> dict[str, Any]:
        content = {"content": delta.text} if self.kind == "chat" else delta.text
        return self.chunk(place, content, logprobs=self.logprobs(place, delta.logprobs))

    def logprobs(self, place: int, stored: Sequence[StoredLogprob]) -> dict[str, Any] | None:
        """Return those of the next tokens of a choice; None where they were not asked for."""
        if not self.with_logprobs:
            return None
        if self.kind == "chat":
            return chat_logprobs(stored)
        found, self.offsets[place] = completion_logprobs(stored, self.offsets[place])
        return found

    def ending(self, place: int, job: Job) -> dict[str, Any]:
        """Return the chunk after the last text of a choice."""
        return self.chunk(place, {} if self.kind == "chat" else "", reason_of(job))

    def usage(self, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        """Return the chunks after the last choice."""
        return [{**self.head(self.chunk_name), "choices": [], "usage": usage_of(jobs)}] if self.with_usage else []

    def chunk(
        self,
        place: int,
        content: dict[str, Any] | str,
        reason: str | None = None,
        logprobs: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        text = {"delta": content} if self.kind == "chat" else {"text": content}
        usage = {"usage": None} if self.with_usage else {}
        return {**self.head(self.chunk_name), "choices": [choice(place, text, reason, logprobs)], **usage}

    @property
    def chunk_name(self) -> str:
        return "chat.completion.chunk" if self.kind == "chat" else "text_completion"

    def head(self, name: str) -> dict[str, Any]:
        return {"id": self.id, "object": name, "created": self.created, "model": self.model}


def choice(
    place: int, content: dict[str, Any], reason: str | None, logprobs: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"index": place, **content, "logprobs": logprobs, "finish_reason": reason}


def reason_of(job: Job) -> str:
    return job.finish_reason or "stop"


def usage_of(jobs: Sequence[Job]) -> dict[str, int]:
    """Return the tokens of all answers, and of the prompt, which is the same for all."""
    prompt, completion = jobs[0].prompt_tokens, sum(job.completion_tokens for job in jobs)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
