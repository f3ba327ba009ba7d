"""Tools that make several requests to the model at the same time. The tests install them as a plugin of one module."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from pydantic import BaseModel, SecretStr

from gptstore.sdk import AnswerError, Context, Tool, hookimpl, tool


class Number(BaseModel):
    value: int


@tool
def many(ctx: Context, prompts: list[str], at_once: int = 4) -> Iterator[str]:
    """Ask all of it."""
    for answer in ctx.model.map(prompts, at_once=at_once):
        yield f"{answer.strip()}|"


@tool
def numbers(ctx: Context, prompts: list[str], attempts: int = 1) -> Iterator[str]:
    """Ask for numbers."""
    for number in ctx.model.map(prompts, parse=Number, attempts=attempts, seed=7):
        yield f"{number.value}|"


@tool
def choices(ctx: Context, prompts: list[str]) -> Iterator[str]:
    """Ask for choices."""
    yield "|".join(ctx.model.map(prompts, choose=["yes", "no"]))


@tool
def again(ctx: Context, prompts: list[str], times: int) -> Iterator[str]:
    """Fail with the first answer again and again, while others are being made, and ask once more at the end."""
    for _ in range(times):
        try:
            next(ctx.model.map(prompts, parse=Number))
        except AnswerError:
            continue
    yield ctx.model.complete("end")


@tool
def threads(ctx: Context, prompts: list[str]) -> str:
    """Ask from threads."""
    with ThreadPoolExecutor(len(prompts)) as pool:
        return "|".join(answer.strip() for answer in pool.map(ctx.model.complete, prompts))


@tool
def scores(ctx: Context, prompts: list[str]) -> str:
    """Ask for scores from threads."""
    with ThreadPoolExecutor(len(prompts)) as pool:
        return "|".join(str(len(values)) for values in pool.map(lambda prompt: ctx.model.score(prompt, "a b"), prompts))


@tool
def hoard(ctx: Context, count: int) -> str:
    """Begin with many answers and read none to its end."""
    streams = [ctx.model.stream("x") for _ in range(count)]
    return "".join(next(stream) for stream in streams)


@tool
def time_left(ctx: Context) -> str:
    """Say how much time there is."""
    return f"{ctx.seconds_left}"


class Access(BaseModel):
    token: SecretStr
    region: str = "eu"


@tool(settings=Access)
def use_settings(ctx: Context) -> str:
    """Say what it knows of its settings, and that the secret reached it, without saying the secret."""
    secret = ctx.settings.token.get_secret_value()
    return f"{ctx.settings!r} {ctx.settings.region} {len(secret)} {secret[::-1]}"


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [many, numbers, choices, again, threads, scores, hoard, time_left, use_settings]
