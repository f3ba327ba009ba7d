"""The tool: a text in one language goes in, the same text in another streams out."""

import re
from collections.abc import Callable, Generator, Iterator
from typing import Annotated, Literal

from gptstore.sdk import Context, Field, LongText, PromptTemplate, Tool, ToolError, hookimpl, tool
from gptstore.sdk.lines import in_one_line, plain_breaks, split_lines, with_breaks
from gptstore.sdk.masks import Masks
from gptstore.sdk.pieces import strip_pieces
from gptstore_base_model_aids.repetition import end_translation
from gptstore_translator.detect import choose_source
from gptstore_translator.examples import EXAMPLES
from gptstore_translator.prompts import STOP, completion_prompt, instructions
from gptstore_translator.units import GROWTH, SPARE_TOKENS, cut, has_words

WORDS = re.compile(r"(\W*+)(.*?)(\W*)", re.DOTALL)


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
        translation = (yield from translate_unit(ctx, unit.text, number, template)) if has_words(unit.text) else ""
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


def translate_unit(ctx: Context, text: str, number: int, template: PromptTemplate) -> Generator[str, None, str]:
    """Show the translation, as it comes where there is nothing to check in it, else once it is checked. Return it."""
    model = ctx.model

    def stream(source: str, temperature: float) -> Iterator[str]:
        max_tokens = GROWTH * model.count_tokens(source) + SPARE_TOKENS // 2
        seed = None if model.is_chat else 1
        return template.stream(model, source, max_tokens=max_tokens, temperature=temperature, top_p=0.9, seed=seed)

    def ask(source: str, temperature: float = 0.0) -> str:
        if model.is_chat:
            return "".join(stream(source, temperature or 0.2)).strip()
        return end_translation(ctx, source, lambda freedom: "".join(stream(source, max(freedom, temperature))), number)

    if model.is_chat and not Masks(text, numbers=True) and len(split_lines(text)) == 1:
        return (yield from strip_pieces(in_one_line(piece) for piece in stream(text, 0.2)))
    translation = translate_checked(ctx, text, number, ask)
    if translation:
        yield translation
    return translation


def translate_checked(ctx: Context, text: str, number: int, ask: Callable[..., str]) -> str:
    """Return a translation with all literals, numbers and line breaks of the text, or nothing without an answer.

    A model that loses some is asked once more, with the numbers masked too, and then for smaller pieces.
    """
    masks, hidden = Masks(text), Masks(text, numbers=True)
    lost: list[str] = []
    for tried, temperature in ((masks, 0.0), (hidden, 0.7 if hidden.text == masks.text else 0.0)):
        answer = ask(plain_breaks(tried.text), temperature)
        if not answer and not lost:
            return ""
        aligned = with_breaks(tried.text, answer)
        lost = ["line breaks"] if aligned is None else tried.lost(tried.text, aligned)
        if aligned and not lost:
            return tried.restore(aligned)
    ctx.log(f"The model did not keep {', '.join(lost)} in part {number}; smaller pieces were translated: {text[:80]}")
    pieces = split_lines(masks.text)
    if len(pieces) > 1:
        lines = ((masks.restore(line), line_break) for line, line_break in pieces)
        return "".join(
            ((has_words(line) and translate_checked(ctx, line, number, ask)) or line) + end for line, end in lines
        )
    return hidden.restore("".join(translate_piece(hidden, piece, ask) for piece in hidden.split(hidden.text)))


def translate_piece(masks: Masks, piece: str, ask: Callable[[str], str]) -> str:
    """Return the translation of what stands between two masks, with the signs and spaces around it as they are."""
    before, words, after = WORDS.fullmatch(piece).groups()
    if masks.remove(piece) != piece or not has_words(words):
        return piece
    answer = in_one_line(ask(words)).rstrip(".。 ")
    return f"{before}{answer if answer and masks.remove(answer) == answer else words}{after}"


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [translate]
