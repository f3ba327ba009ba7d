"""Thoughts: what a reasoning model writes before its answer, between markers, and their removal from its stream."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from worker.engine.stop import overlap


class Pair(NamedTuple):
    """The markers around thoughts."""

    opening: str
    closing: str

    @property
    def ending(self) -> str:
        """Return the text that ends thoughts, as models write it."""
        return f"\n{self.closing}\n\n"


PAIRS: tuple[Pair, ...] = (
    Pair("<think>", "</think>"),  # DeepSeek R1, Qwen3, QwQ, SmolLM3, GLM, Nemotron, MiniMax
    Pair("<thinking>", "</thinking>"),
    Pair("<thought>", "</thought>"),
    Pair("<reasoning>", "</reasoning>"),
    Pair("[THINK]", "[/THINK]"),  # Magistral
    Pair("<seed:think>", "</seed:think>"),  # Seed-OSS
    Pair("<longcat_think>", "</longcat_think>"),  # LongCat
    Pair("◁think▷", "◁/think▷"),  # Kimi-VL
    Pair("<|START_THINKING|>", "<|END_THINKING|>"),  # Command A Reasoning
    Pair("<|begin_of_thought|>", "<|end_of_thought|>"),  # OpenThinker, Sky-T1
    Pair("<unused94>thought", "<unused95>"),  # MedGemma
)
"""The markers in use. An opening marker counts at the start of an answer only: later it is text."""


def thinking_switches(wanted: bool) -> dict[str, bool]:
    """Return the variables by which templates are told whether the model shall think.

    Qwen3, SmolLM3, GLM and most others know the first; DeepSeek V3.1 and Granite the second.
    """
    return {"enable_thinking": wanted, "thinking": wanted}


def opened_by(prompt: str, pairs: Iterable[Pair] = PAIRS) -> Pair | None:
    """Return the pair that the end of a prompt opens, so that the model's first token is a thought already."""
    end = prompt.rstrip()
    return next((pair for pair in pairs if end.endswith(pair.opening)), None)


def begins_with_thoughts(text: str) -> bool:
    """Return whether the text of an answer begins with thoughts."""
    return text.lstrip().startswith(tuple(pair.opening for pair in PAIRS))


def mark_end(text: str) -> Pair | None:
    """Return the pair of the first closing marker in a text, for one whose thoughts were opened in the prompt."""
    found = [(at, pair) for pair in PAIRS if (at := text.find(pair.closing)) >= 0]
    return min(found)[1] if found else None


class ThoughtFilter:
    """Splits a stream of text into thoughts and the answer after them, wherever the borders between tokens fall.

    pairs: the markers to look for. opened: the pair that the prompt has opened.
    is_constrained: a grammar begins with the token after the thoughts, so that what follows the marker in its own token
        is no part of the answer.
    is_answer_unclosed: thoughts without an end are the answer: a server may have kept the model from thinking.
    pair: the markers of the thoughts that the text ends in; None: it ends in none.
    """

    def __init__(
        self,
        pairs: Sequence[Pair] = PAIRS,
        opened: Pair | None = None,
        *,
        is_constrained: bool = False,
        is_answer_unclosed: bool = False,
    ) -> None:
        self._pairs = pairs
        self.pair = opened
        self._is_constrained = is_constrained
        self._holds_all = is_answer_unclosed and opened is not None
        self._held = ""
        self._is_answering = False
        self.found = opened is not None

    @property
    def is_open(self) -> bool:
        """Return whether the text ends within thoughts."""
        return self.pair is not None

    @property
    def is_over(self) -> bool:
        """Return whether there were thoughts, and the answer comes next or has begun."""
        return self.found and self.pair is None

    def feed(self, text: str) -> tuple[str, str]:
        """Take new text, and return the thoughts and the answer that are certain now."""
        if self._is_answering:
            return "", text
        self._held += text
        thoughts = ""
        while self.pair is not None or self._begins():
            more, is_closed = self._take_thoughts()
            thoughts += more
            if not is_closed:
                return thoughts, ""
        return thoughts, self._take_answer()

    def flush(self) -> tuple[str, str]:
        """Return the rest of a stream that has ended, as thoughts and as the answer."""
        held, self._held = self._held, ""
        if self.pair is not None and not self._holds_all:
            return held, ""
        return "", held.lstrip() if self.found else held

    def _begins(self) -> bool:
        """Take an opening marker at the start of what is held, if there is a whole one."""
        start = self._held.lstrip()
        pair = next((pair for pair in self._pairs if start.startswith(pair.opening)), None)
        if pair is not None:
            self._held = start[len(pair.opening) :]
            self.pair, self.found = pair, True
        return pair is not None

    def _take_thoughts(self) -> tuple[str, bool]:
        """Take thoughts up to their closing marker, and return whether it is there."""
        assert self.pair is not None
        closing = self.pair.closing
        at = self._held.find(closing)
        if at < 0:
            end = 0 if self._holds_all else len(self._held) - overlap(self._held, closing)
            thoughts, self._held = self._held[:end], self._held[end:]
            return thoughts, False
        thoughts = self._held[:at]
        self._held = "" if self._is_constrained else self._held[at + len(closing) :]
        self.pair, self._holds_all = None, False
        return thoughts, True

    def _take_answer(self) -> str:
        """Take the text of the answer, unless it is white space or may still become an opening marker."""
        start = self._held.lstrip()
        if not start or any(pair.opening.startswith(start) for pair in self._pairs):
            return ""
        text, self._held = (start if self.found else self._held), ""
        self._is_answering = True
        return text
