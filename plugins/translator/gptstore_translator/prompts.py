"""What the translator asks the model. The bundled model is trained on `completion_prompt`."""

LANGUAGES = {"en": "English", "fr": "French", "de": "German", "es": "Spanish", "zh": "Chinese"}

STOP = ("\n",)


def completion_prompt(sentence: str, source: str, target: str) -> str:
    """The prompt for a base model: one sentence, languages by their ISO 639-1 codes."""
    return f"{LANGUAGES[source]}: {sentence.strip()}\n{LANGUAGES[target]}:"
