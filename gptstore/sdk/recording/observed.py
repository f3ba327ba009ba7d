"""What was seen of one tool while its examples ran."""

from __future__ import annotations

from pydantic import BaseModel


class Observed(BaseModel):
    """The measurements of one tool: the most of all its examples, and everything that any of them reached.

    seconds: of the slowest example, on a scripted model, which answers at once. memory: bytes beyond those after the
    import; None where the system does not say. prompt_tokens, answer_tokens: of the example that asks for most, the
    answers as long as the tool lets them be. is_unbounded: a call named no max_tokens, and counts as a whole context.
    hosts: "name:port" of each connection that was tried. written: files outside of the run's own folder.
    programs: what it started, which is not observed. error: why an example could not run; nothing else counts then.
    """

    tool: str
    examples: int = 0
    seconds: float = 0.0
    memory: int | None = None
    prompt_tokens: int = 0
    answer_tokens: int = 0
    is_unbounded: bool = False
    hosts: list[str] = []
    written: list[str] = []
    programs: list[str] = []
    error: str = ""
