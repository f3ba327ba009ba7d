"""The tool: a description goes in, code streams out."""

from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Field, LongText, ToolError, tool
from gptstore_code_writer.attempts import write_python
from gptstore_code_writer.code_filter import code_only
from gptstore_code_writer.examples import EXAMPLES
from gptstore_code_writer.languages import Language
from gptstore_code_writer.python_check import find_problem
from gptstore_code_writer.request import Request


@tool(
    title="Code writer",
    slug="code-writer",
    category="code",
    tags=["programming", "function", "script", "Python", "JavaScript", "SQL"],
    output="code",
    language_input="language",
    examples=EXAMPLES,
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
    request = Request(ctx.model, language)
    if language == "python" and not ctx.model.is_chat:
        yield write_python(ctx, task, request)
        return
    code = ""
    for piece in code_only(request.stream(task), language, prose_first=ctx.model.is_chat):
        code += piece
        yield piece
    if not code.strip():
        raise ToolError("The model gave no code. Describe the task in more detail and run the tool again.")
    problem = find_problem(code) if language == "python" else None
    if problem:
        ctx.log(f"The code does not parse: {problem}")
        # In the output too, as a comment: code is copied and sent on without its log.
        yield f"\n# Note: this code does not parse: {problem}"
