"""Python from a base model: asked again until the code parses, and never shown where it doesn't."""

from gptstore.sdk import Context, ToolError
from gptstore_code_writer.code_filter import code_only
from gptstore_code_writer.python_check import find_problem
from gptstore_code_writer.request import Request
from gptstore_code_writer.trim import Trimmed, trim

TEMPERATURES = (0, 0.5, 0.8, 0.8)


def write_python(ctx: Context, task: str, request: Request) -> str:
    """The first answer that parses as a whole, else the one of which the least is left out, with a comment on that.

    Raises ToolError when no attempt has a part that parses and does something.
    """
    best: Trimmed | None = None
    for number, temperature in enumerate(TEMPERATURES, start=1):
        ctx.progress(number - 1, len(TEMPERATURES), f"Attempt {number} of {len(TEMPERATURES)}")
        answer = request.stream(task, temperature=temperature, seed=number)
        code = "".join(code_only(answer, request.language, prose_first=False))
        found = trim(code)
        if found and (best is None or worth(found) > worth(best)):
            best = found
        if found and not found.left_out:
            break
        ctx.log(f"Attempt {number}: {found.problem if found else find_problem(code) or 'no code'}")
    if best is None:
        raise ToolError(
            f"In {len(TEMPERATURES)} attempts the model wrote no Python code that parses. "
            "Describe the task in other words or in smaller steps, and run the tool again."
        )
    ctx.progress(len(TEMPERATURES), len(TEMPERATURES), "Done")
    return best.code + note_on(best)


def worth(found: Trimmed) -> tuple[bool, int]:
    return not found.left_out or found.defines, -found.left_out


def note_on(found: Trimmed) -> str:
    if not found.left_out:
        return ""
    lines = "the last line" if found.left_out == 1 else f"the last {found.left_out} lines"
    return f"\n\n# Left out: {lines} of the model's answer, which did not parse: {found.problem}"
