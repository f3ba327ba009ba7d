"""The tool: a text in one language goes in, the same text in another streams out."""

from collections.abc import Generator, Iterator
from typing import Annotated, Literal

from gptstore.sdk import Context, Field, LongText, PromptTemplate, Tool, ToolError, hookimpl, tool
from gptstore.sdk.pieces import strip_pieces
from gptstore_base_model_aids.repetition import end_translation
from gptstore_translator.detect import detect_language
from gptstore_translator.examples import EXAMPLES
from gptstore_translator.prompts import LANGUAGES, STOP, completion_prompt, instructions
from gptstore_translator.units import GROWTH, SPARE_TOKENS, Unit, cut


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
    template = make_template(choose_source(ctx, text, source, target), target)
    units = cut(text, target, ctx.model, template.room(ctx.model))
    for number, unit in enumerate(units, start=1):
        if ctx.canceled:
            return
        ctx.progress(number - 1, len(units), f"Translating part {number} of {len(units)}")
        translation = (yield from translate_unit(ctx, unit, number, template)) if unit.has_words else ""
        if not translation:
            if unit.has_words:
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


def translate_unit(ctx: Context, unit: Unit, number: int, template: PromptTemplate) -> Generator[str, None, str]:
    """Show the translation: a chat model's as it comes, a base model's once it is checked. Return it."""
    model = ctx.model

    def ask(temperature: float, seed: int | None = None) -> Iterator[str]:
        max_tokens = GROWTH * model.count_tokens(unit.text) + SPARE_TOKENS // 2
        return template.stream(model, unit.text, max_tokens=max_tokens, temperature=temperature, top_p=0.9, seed=seed)

    if model.is_chat:
        return (yield from strip_pieces(ask(0.2)))
    translation = end_translation(ctx, unit.text, lambda temperature: "".join(ask(temperature, seed=1)), number)
    if translation:
        yield translation
    return translation


def choose_source(ctx: Context, text: str, source: str, target: str) -> str:
    """Return the language to translate from: the chosen or the detected one. Raises ToolError if it is the target."""
    if source == target:
        raise ToolError(f"Both languages are {LANGUAGES[target]}. Choose two different ones.")
    if source != "detect":
        return source
    detected = detect_language(text)
    ctx.log(f"Detected language: {LANGUAGES[detected]}")
    if detected == target:
        raise ToolError(
            f"The text is already in {LANGUAGES[target]}. Choose another language to translate into, "
            "or choose the source language yourself if it was detected wrongly."
        )
    return detected


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [translate]
