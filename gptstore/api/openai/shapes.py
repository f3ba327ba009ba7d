"""The objects of OpenAI's API: a completion, and the chunks of a stream, in the two kinds that there are."""

from typing import Any, Literal

from gptstore.jobs.models import Job

Kind = Literal["completion", "chat"]
IDS: dict[Kind, str] = {"completion": "cmpl", "chat": "chatcmpl"}


class Shape:
    """Makes the objects for one job. model: as the caller named it. with_usage: each chunk has the field `usage`."""

    def __init__(self, kind: Kind, job: Job, model: str, *, with_usage: bool = False) -> None:
        self.kind = kind
        self.model = model
        self.id = f"{IDS[kind]}-{job.id.hex}"
        self.created = int(job.created_at.timestamp())
        self.with_usage = with_usage

    def whole(self, job: Job) -> dict[str, Any]:
        """Return the completion."""
        name = "chat.completion" if self.kind == "chat" else "text_completion"
        text = {"message": {"role": "assistant", "content": job.output, "refusal": None}}
        content = text if self.kind == "chat" else {"text": job.output}
        return {**self.head(name), "choices": [choice(content, reason_of(job))], "usage": usage_of(job)}

    def beginning(self) -> list[dict[str, Any]]:
        """Return the chunks before the first text."""
        return [self.chunk({"role": "assistant", "content": "", "refusal": None})] if self.kind == "chat" else []

    def piece(self, text: str) -> dict[str, Any]:
        return self.chunk({"content": text} if self.kind == "chat" else text)

    def ending(self, job: Job) -> list[dict[str, Any]]:
        """Return the chunks after the last text."""
        last = self.chunk({} if self.kind == "chat" else "", reason_of(job))
        if not self.with_usage:
            return [last]
        return [last, {**self.head(self.chunk_name), "choices": [], "usage": usage_of(job)}]

    def chunk(self, content: dict[str, Any] | str, reason: str | None = None) -> dict[str, Any]:
        text = {"delta": content} if self.kind == "chat" else {"text": content}
        usage = {"usage": None} if self.with_usage else {}
        return {**self.head(self.chunk_name), "choices": [choice(text, reason)], **usage}

    @property
    def chunk_name(self) -> str:
        return "chat.completion.chunk" if self.kind == "chat" else "text_completion"

    def head(self, name: str) -> dict[str, Any]:
        return {"id": self.id, "object": name, "created": self.created, "model": self.model}


def choice(content: dict[str, Any], reason: str | None) -> dict[str, Any]:
    return {"index": 0, **content, "logprobs": None, "finish_reason": reason}


def reason_of(job: Job) -> str:
    return job.finish_reason or "stop"


def usage_of(job: Job) -> dict[str, int]:
    prompt, completion = job.prompt_tokens, job.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
