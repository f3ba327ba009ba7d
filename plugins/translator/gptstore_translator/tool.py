"""The tool: a text in one language goes in, the same text in another streams out."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from gptstore.sdk import Context, Field, LongText, PromptTemplate, Tool, ToolError, hookimpl, tool
from gptstore.sdk.lines import in_one_line, plain_breaks, split_lines, with_breaks
from gptstore.sdk.masks import Masks
from gptstore.sdk.pieces import strip_pieces
from gptstore_base_model_aids.numbers import is_in_words
from gptstore_base_model_aids.repetition import end_translation
from gptstore_translator.detect import choose_source
from gptstore_translator.examples import EXAMPLES
from gptstore_translator.prompts import STOP, completion_prompt, instructions
from gptstore_translator.units import GROWTH, SPARE_TOKENS, cut, has_words

WORDS = re.compile(r"\A(\W*+)(.*?)(\W*)\Z", re.DOTALL)
SPACELESS = "\u2e80"
WARMER = 0.7


@tool(
    title="Translator",
    slug="translator",
    category="languages",
    tags=["translation", "English", "French", "German", "Spanish", "Chinese"],
    output="text",
    examples=EXAMPLES,
)
def translate(
    ctx: Context,
    text: Annotated[
        LongText,
        Field(
            title="Text",
            description="What to translate. Its paragraphs and line breaks are kept.",
            placeholder="Paste or type your text here",
            max_length=200_000,
        ),
    ],
    *,  # so that From, which has a default, can stand before Into in the form
    source: Annotated[
        Literal["detect", "en", "fr", "de", "es", "zh"],
        Field(
            title="From", description="The language of the text. It can be detected; the log then says what was found."
        ),
    ] = "detect",
    target: Annotated[
        Literal["en", "fr", "de", "es", "zh"],
        Field(title="Into", description="The language you want the text in."),
    ],
) -> Iterator[str]:
    """Translate a text between English, French, German, Spanish and Chinese.

    Paragraphs and line breaks stay where they are. Long texts are translated piece by piece, so there is something
    to read at once. The language of the text is found out by itself unless you choose it.
    """
    if not text.strip():
        raise ToolError("There is no text to translate. Paste or type some text and run the tool again.")
    if not has_words(text):
        yield text
        return
    template = make_template(choose_source(ctx, text, source, target), target)
    units = cut(text, target, ctx.model, template.room(ctx.model))
    for number, unit in enumerate(units, start=1):
        if ctx.canceled:
            return
        ctx.progress(number - 1, len(units), f"Translating part {number} of {len(units)}")
        if unit.before:
            yield unit.before
        part = Part(ctx, number, template, target)
        translation = (yield from part.show(unit.text)) if has_words(unit.text) else ""
        if not translation:
            if has_words(unit.text):
                ctx.log(f"The model gave no translation of part {number}; it was left as it is: {unit.text[:80]}")
            yield unit.text
        if unit.after:
            yield unit.after
    ctx.progress(len(units), len(units), "Done")


def make_template(source: str, target: str) -> PromptTemplate:
    return PromptTemplate(
        system=instructions(source, target),
        completion=lambda sentence: completion_prompt(sentence, source, target),
        stop=STOP,
    )


@dataclass(frozen=True)
class Part:
    """One part of the text, whose translation is asked for until all literals, numbers and line breaks are in it."""

    ctx: Context
    number: int
    template: PromptTemplate
    target: str

    def show(self, text: str) -> Generator[str, None, str]:
        """Show and return the translation: as it comes where nothing in it has to be checked, else once it is."""
        if self.ctx.model.is_chat and not Masks(text, numbers=True) and len(split_lines(text)) == 1:
            return (yield from strip_pieces(in_one_line(piece) for piece in self.stream(text, 0.0)))
        translation = self.translate(text)
        if translation:
            yield translation
        return translation

    def translate(self, text: str) -> str:
        """Return the checked translation, or nothing without an answer.

        A model that loses something is asked again, with the numbers masked too, and then for smaller pieces.
        """
        masks, hidden = Masks(text), Masks(text, numbers=True)
        tried: list[tuple[str, list[str]]] = []
        attempts = [(masks, 0.0), (hidden, 0.0), (masks, WARMER)]
        if hidden.text == masks.text:
            del attempts[1]
        for used, temperature in attempts:
            answer = self.ask(plain_breaks(used.text), temperature)
            if not answer and not tried:
                return ""
            answer = with_breaks(used.text, answer) or ""
            lost = used.lost(used.text, answer) if answer else ["its line breaks"]
            if not lost:
                return used.restore(answer)
            tried.append((answer, lost))
        answer, lost = tried[0]
        if all(is_in_words(literal, answer, self.target) for literal in lost):
            return masks.restore(answer)
        named = f"The model did not keep {', '.join(lost)} in part {self.number}"
        self.ctx.log(f"{named}; smaller pieces were translated: {text[:80]}")
        return self.translate_lines(masks) if len(split_lines(masks.text)) > 1 else self.translate_pieces(hidden)

    def translate_lines(self, masks: Masks) -> str:
        lines = [(masks.restore(line), line_break) for line, line_break in split_lines(masks.text)]
        return "".join(((has_words(line) and self.translate(line)) or line) + line_break for line, line_break in lines)

    def translate_pieces(self, masks: Masks) -> str:
        """Translate what stands between the masks, and leave the signs and spaces around it as they are."""
        pieces = masks.split(masks.text)
        for place in range(0, len(pieces), 2):
            before, words, after = WORDS.findall(pieces[place])[0]
            answer = in_one_line(self.ask(words, 0.0)).strip().rstrip(".。 ") if has_words(words) else ""
            if answer and masks.remove(answer) == answer:
                gap = " " if words[0] >= SPACELESS > answer[0] else ""
                pieces[place] = f"{before or gap * (place > 0)}{answer}{after or gap * (place + 1 < len(pieces))}"
        return "".join(masks.restore(piece) for piece in pieces)

    def ask(self, source: str, temperature: float) -> str:
        if self.ctx.model.is_chat:
            return "".join(self.stream(source, temperature)).strip()

        def ask_freely(freedom: float) -> str:
            return "".join(self.stream(source, max(freedom, temperature)))

        return end_translation(self.ctx, source, ask_freely, self.number)

    def stream(self, source: str, temperature: float) -> Iterator[str]:
        model = self.ctx.model
        max_tokens = GROWTH * model.count_tokens(source) + SPARE_TOKENS // 2
        warmth = temperature or (0.2 if model.is_chat else 0.0)
        seed = None if model.is_chat else 1
        return self.template.stream(model, source, max_tokens=max_tokens, temperature=warmth, top_p=0.9, seed=seed)


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [translate]
