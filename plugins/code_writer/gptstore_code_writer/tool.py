"""The tool: a description goes in, code streams out."""

from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Example, Field, LongText, Model, PromptTemplate, Tool, ToolError, hookimpl, tool
from gptstore_base_model_aids.python_attempts import write_python
from gptstore_base_model_aids.python_check import find_problem
from gptstore_code_writer.code_filter import code_only
from gptstore_code_writer.languages import NAMES, Language
from gptstore_code_writer.prompts import STOP, completion_prompt, instructions

CHAT_TOKENS = 2400
BASE_TOKENS = 400
MIN_TOKENS = 64
EXAMPLES = {
    "The longest word of a sentence": "Write a function to find the longest word in a sentence.",
    "The three largest numbers": "Write a function that returns the three largest numbers of a list.",
    "Leap years": "Write a function to check if a year is a leap year.",
}


@tool(
    title="Code writer",
    slug="code-writer",
    category="code",
    tags=["programming", "function", "script", "Python", "JavaScript", "SQL"],
    output="code",
    language_input="language",
    examples=[Example(title=title, input={"task": task, "language": "python"}) for title, task in EXAMPLES.items()],
)
def write_code(
    ctx: Context,
    task: Annotated[
        LongText,
        Field(
            title="Task",
            description="What the code should do: what goes in, what comes out, and what it must watch for.",
            placeholder="A function that takes … and returns …",
            max_length=20_000,
        ),
    ],
    language: Annotated[Language, Field(title="Language", description="The language to write in.")] = "python",
) -> Iterator[str]:
    """Write code from a description, in one of twelve languages.

    You get code only, ready to copy. Python code is also checked: if it does not parse, the last line is a comment
    that says where. The code is never run, so read it before you use it.
    """
    if not task.strip():
        raise ToolError("There is no task. Describe what the code should do and run the tool again.")
    if language == "python" and not ctx.model.is_chat:
        yield write_python(ctx, lambda temperature, seed: "".join(ask(ctx.model, task, language, temperature, seed)))
        return
    code = ""
    for piece in ask(ctx.model, task, language):
        code += piece
        yield piece
    if not code.strip():
        raise ToolError("The model gave no code. Describe the task in more detail and run the tool again.")
    problem = find_problem(code) if language == "python" else None
    if problem:
        ctx.log(f"The code does not parse: {problem}")
        # The remark is in the output too, as a comment: code is copied and sent on without its log.
        yield f"\n# Note: this code does not parse: {problem}"


def ask(
    model: Model, task: str, language: Language, temperature: float = 0.2, seed: int | None = None
) -> Iterator[str]:
    """Yield the code of the model's answer, as it comes. Raises ToolError when there is no room for code."""
    template = PromptTemplate(
        system=instructions(NAMES[language]),
        completion=lambda task: completion_prompt(task, NAMES[language]),
        stop=STOP,
    )
    room = template.room(model, task)
    if room < MIN_TOKENS:
        raise ToolError(
            f"The description is too long: this model reads and writes {model.context_length} tokens in all. "
            "Shorten the description, or split the task."
        )
    max_tokens = min(CHAT_TOKENS if model.is_chat else BASE_TOKENS, room)
    answer = template.stream(model, task, max_tokens=max_tokens, temperature=temperature, top_p=0.9, seed=seed)
    return code_only(answer, language, prose_first=model.is_chat)


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [write_code]
