"""What the code writer asks the model. The bundled model is trained on `completion_prompt`."""

STOP = ("\nTask:",)


def completion_prompt(task: str, language: str) -> str:
    """The prompt for a base model, which continues it with code on the next lines."""
    return f"Task: {task.strip()}\nLanguage: {language}\nCode:\n"
