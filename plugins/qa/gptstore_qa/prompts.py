"""What the question answerer asks the model. The bundled model is trained on `completion_prompt`."""

STOP = ("\n",)


def completion_prompt(passage: str, question: str) -> str:
    """The prompt for a base model, which continues it with a span of the passage.

    The question comes first too: a model that reads from left to right then knows what to look for.
    """
    question = question.strip()
    return f"Question: {question}\n\nPassage: {passage.strip()}\n\nQuestion: {question}\nAnswer:"
