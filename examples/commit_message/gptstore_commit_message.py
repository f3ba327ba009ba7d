"""Writes a commit message from a diff, in a form that the model is made to keep."""

from typing import Annotated, Literal

from pydantic import BaseModel
from pydantic import Field as JsonField

from gptstore.sdk import Context, Example, Field, LongText, Message, PromptTemplate, Tool, ToolError, hookimpl, tool

DIFF = "--- a/stack.py\n+++ b/stack.py\n def pop(self):\n+    if not self.items:\n+        raise IndexError('empty')\n"
TASK = "Write a commit message: kind, subject (imperative mood, no full stop) and body (why, in one or two sentences)."
NOTE = PromptTemplate(
    system="Say in one short sentence what this part of a diff changes.",
    completion=lambda part: f"{part}\n\nWhat this diff changes, in one sentence:",
    stop="\n",
    max_tokens=60,
)
Style = Annotated[Literal["conventional", "plain"], Field(description="With or without a prefix such as fix:")]


class Commit(BaseModel):
    kind: Literal["feat", "fix", "docs", "refactor", "test", "chore"]
    subject: Annotated[str, JsonField(min_length=1, max_length=60)]
    body: Annotated[str, JsonField(max_length=500)]


@tool(title="Commit message", category="code", tags=["git", "diff"], examples=[Example("A guard", {"diff": DIFF})])
def commit_message(
    ctx: Context,
    diff: Annotated[LongText, Field(description="What `git diff --staged` prints.")],
    style: Style = "conventional",
) -> str:
    """Write a commit message from a diff: a subject of at most 72 characters, and why."""
    if not diff.strip():
        raise ToolError("The diff is empty. Stage your changes and paste what `git diff --staged` prints.")
    text = diff if NOTE.fits(ctx.model, diff) else "\n".join(read_parts(ctx, diff))
    chat: list[Message] = [{"role": "user", "content": f"{TASK}\n\n{text}"}]
    prompt: str | list[Message] = chat if ctx.model.is_chat else f"{text}\n\n{TASK}\nAs JSON: "
    commit = ctx.model.parse(Commit, prompt, temperature=0, max_tokens=300)
    prefix = f"{commit.kind}: " if style == "conventional" else ""
    return f"{prefix}{commit.subject.strip().rstrip('.')}\n\n{commit.body.strip()}".strip()


def read_parts(ctx: Context, diff: str) -> list[str]:
    """Return what each part of a long diff changes, in a sentence."""
    notes, parts = [], NOTE.split_to_fit(ctx.model, diff)
    for number, part in enumerate(parts):
        ctx.progress(number, len(parts), "reading the diff")
        notes.append("- " + "".join(NOTE.stream(ctx.model, part, temperature=0)).strip())
    return notes


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [commit_message]
