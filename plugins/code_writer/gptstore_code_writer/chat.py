"""What the code writer asks a chat model. Base models get `prompts.completion_prompt` instead."""

from gptstore.sdk import Message
from gptstore_code_writer.languages import NAMES, Language


def chat_messages(task: str, language: Language) -> list[Message]:
    """The messages for a chat model, which answers with one fenced block of code."""
    return [
        {
            "role": "system",
            "content": f"You write {NAMES[language]} code. Give complete code that runs, use the standard library "
            "where it is enough, and choose names that explain themselves. Answer with one fenced code block and "
            "nothing else; what needs saying goes into comments.",
        },
        {"role": "user", "content": task.strip()},
    ]
