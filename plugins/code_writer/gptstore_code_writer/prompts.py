"""The prompts of the code writer. The bundled model is trained on `completion_prompt`."""

STOP = ("\nTask:",)


def completion_prompt(task: str, language: str) -> str:
    """Return the prompt for a base model, which continues it with code on the next lines."""
    return f"Task: {task.strip()}\nLanguage: {language}\nCode:\n"


def instructions(language: str) -> str:
    """Return the instructions for a chat model, which answers with one fenced block of code."""
    return (
        f"You write {language} code. Give complete code that runs, use the standard library "
        "where it is enough, and choose names that explain themselves. Answer with one fenced code block and "
        "nothing else; what needs saying goes into comments."
    )
