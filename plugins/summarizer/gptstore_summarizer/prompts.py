"""What the summarizer asks the model. The bundled model is trained on `completion_prompt`."""

from typing import Literal

Length = Literal["short", "medium", "long"]

STOP = ("\n\n", "\nText:")


def completion_prompt(text: str, length: Length) -> str:
    """The prompt for a base model, which continues it with the summary."""
    return f"Text: {text.strip()}\n\nSummary ({length}):"
