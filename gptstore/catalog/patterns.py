"""Matches the patterns of schemas in linear time: Python's `re` holds the whole process up to minutes for some of them.

Patterns and texts come from strangers: a plugin's author, and anybody who fills in a form. pydantic's second engine for
regular expressions (Rust's `regex`) takes time in proportion to the pattern's size times the text's length. What it
can't match as Python does, such as look-around, is left to the tool's own check, in the sandbox.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from pydantic_core import SchemaError, SchemaValidator, core_schema

MAX_STEPS = 5_000_000
"""The limit on the sum of size times length over one input; at the worst, they take a fifth of a second."""

MAX_SIZE = 5_000
"""The limit on a pattern's size: characters and classes, as often as they are repeated."""

TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:P<\w+>|:)?|\{[0-9]*,?[0-9]*\}|.", re.DOTALL)
SAME_ESCAPES = frozenset(r"dDsSbBAnrtfv.*+?()[]{}|^$\/-")
TRANSLATED = {
    "$": r"(?:\n?\z)",
    r"\Z": r"\z",
    r"\w": r"[\p{L}\p{N}_]",
    r"\W": r"[^\p{L}\p{N}_]",
}
"""Tokens that mean something else to Rust, and how it writes what Python means by them."""

steps_left: ContextVar[int] = ContextVar("steps_left")


@contextmanager
def matching() -> Iterator[None]:
    """Check one input within the context: all of its matches together take MAX_STEPS at most."""
    token = steps_left.set(MAX_STEPS)
    try:
        yield
    finally:
        steps_left.reset(token)


def is_mismatch(pattern: object, text: str) -> bool:
    """Return whether the pattern is not found in the text; False where that is left to the tool's own check."""
    if not isinstance(pattern, str) or (compiled := compile_linear(pattern)) is None:
        return False
    size, validator = compiled
    left = steps_left.get() - size * len(text)
    if left < 0:
        return False
    steps_left.set(left)
    return not validator.isinstance_python(text)


@lru_cache(maxsize=1000)
def compile_linear(pattern: str) -> tuple[int, SchemaValidator] | None:
    """Return the size of the pattern, and what matches it; None for one that is too large, or not for this engine."""
    tokens = TOKEN.findall(pattern)
    size = size_of(tokens)
    if size > MAX_SIZE or not all(map(is_known, tokens)):
        return None
    translated = "".join(map(translate, tokens))
    try:
        return size, SchemaValidator(core_schema.str_schema(pattern=translated, regex_engine="rust-regex"))
    except SchemaError:
        return None


def size_of(tokens: list[str]) -> int:
    """Return how many characters and classes the pattern has when all that it repeats is written out."""
    totals, last = [1], 0
    for part in tokens:
        if part[0] == "(":
            totals.append(0)
        elif part == ")" and len(totals) > 1:
            last = max(1, totals.pop())
            totals[-1] += last
        elif part[0] == "{" and len(part) > 1:
            times = max([1, *map(int, re.findall("[0-9]{1,9}", part))])
            totals[-1] += last * (times - 1)
            last *= times
        elif part not in "*+?|^":
            last = 1
            totals[-1] += 1
    return sum(totals)


def is_known(token: str) -> bool:
    """Return whether Rust's engine reads the token, once translated, as Python does."""
    if token[0] == "\\":
        return token in TRANSLATED or token[1:] in SAME_ESCAPES or token[1:].isspace()
    if token[0] == "[" and len(token) > 1:
        inner = token[1:-1]
        is_plain = not re.search(r"\[|&&|--|~~", inner.replace(r"\[", ""))
        return is_plain and all(map(is_known, re.findall(r"\\.", inner, re.DOTALL)))
    return token not in ("[", "(?")  # a class without an end; look-around, flags and the like


def translate(token: str) -> str:
    if token[0] == "[" and len(token) > 1:
        return re.sub(r"\\.", lambda escape: TRANSLATED.get(escape[0], escape[0]), token, flags=re.DOTALL)
    return TRANSLATED.get(token, token)
