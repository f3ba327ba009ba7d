"""Tiny tools, each with one way to behave."""

from collections.abc import Iterator
from contextlib import suppress
from threading import Event
from typing import Annotated, Any

from pydantic import BaseModel

from gptstore.sdk import Canceled, Context, Field, File, ToolError, tool


@tool
def echo(ctx: Context, text: str) -> Iterator[str]:
    """Says what the model says."""
    yield from ctx.model.stream(text)


@tool
def recite(ctx: Context, text: str) -> Iterator[str]:
    """Says one word after the other, whatever the model does."""
    for word in text.split():
        yield f"{word} "


@tool
def twice(ctx: Context, text: str) -> str:
    """Asks the model two times."""
    return ctx.model.complete(text) + ctx.model.complete([{"role": "user", "content": text}])


@tool
def ponders(ctx: Context, text: str) -> Iterator[str]:
    """Has the model think, and says both its thoughts and its answer."""
    pieces = ctx.model.stream([{"role": "user", "content": text}], thinking=True)
    yield from pieces
    yield f"[{pieces.thoughts}]"


@tool
def weighs(ctx: Context, text: str) -> Iterator[str]:
    """Passes on the answer with its log-probabilities."""
    yield from ctx.model.stream(text, logprobs=2, max_tokens=30, seed=1)


@tool
def refuse(ctx: Context, text: str) -> Iterator[str]:
    """Says something, then gives up."""
    yield "So far "
    raise ToolError("Nothing to do here.\0\ud800")


@tool
def crash(ctx: Context, text: str) -> Iterator[str]:
    """Says something, then raises what its input names."""
    yield "So far "
    raise {"ValueError": ValueError, "SystemExit": SystemExit, "KeyboardInterrupt": KeyboardInterrupt}[text]("boom")


@tool
def returns_number(ctx: Context, text: str) -> Any:
    """Returns what no tool may return."""
    return 5


@tool
def yields_number(ctx: Context, text: str) -> Any:
    """Yields what no tool may yield."""
    yield "one "
    yield 2


class Answer(BaseModel):
    words: list[str]


@tool(output="json")
def as_json(ctx: Context, text: str) -> Answer:
    """Returns a model."""
    return Answer(words=text.split())


@tool
def dirty(ctx: Context, text: str) -> Iterator[str]:
    """Yields what cannot be kept, everywhere."""
    ctx.log("line\0 \ud800")
    ctx.progress(1, 2, "half\0")
    yield "a\0b\ud800c"


@tool
def bad_progress(ctx: Context, text: str) -> str:
    """Counts to a number that is none."""
    ctx.progress(float("nan"), 1)
    return "done"


@tool
def talkative(ctx: Context, text: str) -> Iterator[str]:
    """Says how it is getting on."""
    ctx.log("Reading")
    for number, word in enumerate(text.split(), start=1):
        ctx.progress(number, 3, f"word {number}")
        yield word


@tool
def first_word(ctx: Context, text: str) -> str:
    """Stops listening after the first piece."""
    for piece in ctx.model.stream(text):
        return piece
    return ""


@tool
def asks_nonsense(ctx: Context, text: str) -> str:
    """Gives the model a temperature that makes no sense."""
    return ctx.model.complete(text, temperature=-1)


@tool
def stubborn(ctx: Context, text: str) -> Iterator[str]:
    """Takes every error for an answer."""
    try:
        yield from ctx.model.stream(text)
    except Exception:
        yield "never mind"


@tool
def deaf(ctx: Context, text: str) -> Iterator[str]:
    """Swallows even being canceled, and goes on."""
    with suppress(Canceled):
        yield from ctx.model.stream(text)
    yield "still here"


class Waiting:
    """Lets a test act in the middle of the tool `waits`."""

    def __init__(self) -> None:
        self.reached, self.go_on, self.cleaned_up = Event(), Event(), Event()


waiting = Waiting()


@tool
def waits(ctx: Context, text: str) -> Iterator[str]:
    """Never asks the model; waits in the middle."""
    mine = waiting
    try:
        yield "before "
        mine.reached.set()
        assert mine.go_on.wait(10)
        yield f"canceled={ctx.canceled} "
        yield "after"
    finally:
        mine.cleaned_up.set()


@tool
def busy(ctx: Context, text: str) -> Iterator[str]:
    """Never asks the model and never looks up."""
    mine = waiting
    yield "before "
    mine.reached.set()
    while not mine.go_on.is_set():
        sum(range(1000))
    mine.cleaned_up.set()
    yield "after"


@tool(max_seconds=1)
def brief(ctx: Context, text: str) -> Iterator[str]:
    """May take a second."""
    yield from ctx.model.stream(text)


@tool(output="json")
def fills_form(ctx: Context, text: str) -> Answer:
    """Asks the model for a form."""
    return ctx.model.parse(Answer, text, max_tokens=60, seed=7)


@tool
def sorts(ctx: Context, text: str) -> str:
    """Asks the model to choose."""
    return ctx.model.choose(["warm", "cold"], text)


@tool
def rates(ctx: Context, text: str) -> str:
    """Asks the model how likely a text is."""
    return ",".join(f"{logarithm:.2f}" for logarithm in ctx.model.score(text, " and more"))


@tool
def gives_everything(ctx: Context, text: str) -> str:
    """Names every parameter."""
    return ctx.model.complete(text, max_tokens=5, temperature=1, top_p=0.5, top_k=3, min_p=0.1, repetition_penalty=1.5)


@tool
def strict(ctx: Context, text: Annotated[str, Field(max_length=5)]) -> str:
    """Takes no long text."""
    return text


@tool(output="table", max_output_bytes=100_000)
def lists(ctx: Context, text: str) -> Iterator[dict[str, Any]]:
    """Lists the words, as often as it can where there is none."""
    for number, word in enumerate(text.split() or ["again"] * 1_000_000):
        yield {"n": number, "word": word}


@tool(output="file")
def packs(ctx: Context, text: str) -> File:
    """Makes a file of more than one message."""
    return File("words.bin", (text.encode() + b"\0") * 50_000)
