"""The four tools' own prompts, imported from the plugins, so that training and use cannot drift apart."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"


def plugin_module(package: str, name: str) -> ModuleType:
    """Return a module of a plugin: of the installed package, else of the source tree."""
    try:
        return importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError:
        sys.path += [str(PLUGINS / folder) for folder in (package.removeprefix("gptstore_"), "base_model_aids")]
        importlib.invalidate_caches()
        return importlib.import_module(f"{package}.{name}")


_CODE, _QA, _SUMMARY, _TRANSLATION = (
    plugin_module(f"gptstore_{plugin}", "prompts") for plugin in ("code_writer", "qa", "summarizer", "translator")
)

LANGUAGES: tuple[str, ...] = tuple(_TRANSLATION.LANGUAGES)

STOP: dict[str, tuple[str, ...]] = {
    "code": _CODE.STOP,
    "qa": _QA.STOP,
    "summarize": _SUMMARY.STOP,
    "translate": _TRANSLATION.STOP,
}


def code_prompt(task: str, language: str = "Python") -> str:
    return str(_CODE.completion_prompt(task, language))


def qa_prompt(passage: str, question: str) -> str:
    return str(_QA.completion_prompt(passage, question))


def summary_prompt(text: str, length: str) -> str:
    """Return the summarizer's prompt. `length` is "short", "medium" or "long"."""
    return str(_SUMMARY.completion_prompt(text, length))


def translation_prompt(sentence: str, source: str, target: str) -> str:
    """Return the translator's prompt. `source` and `target` are ISO 639-1 codes out of `LANGUAGES`."""
    return str(_TRANSLATION.completion_prompt(sentence, source, target))
