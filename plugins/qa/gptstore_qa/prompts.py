"""What the question answerer asks the model. The bundled model is trained on `completion_prompt`."""

STOP = ("\n",)


def completion_prompt(passage: str, question: str) -> str:
    """The prompt for a base model, which continues it with a span of the passage."""
    return f"Passage: {passage.strip()}\n\nQuestion: {question.strip()}\nAnswer:"
