"""How a choice of a tool's input reads in its form."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LANGUAGES = {
    "ar": gettext_lazy("Arabic"),
    "de": gettext_lazy("German"),
    "en": gettext_lazy("English"),
    "es": gettext_lazy("Spanish"),
    "fr": gettext_lazy("French"),
    "hi": gettext_lazy("Hindi"),
    "it": gettext_lazy("Italian"),
    "ja": gettext_lazy("Japanese"),
    "ko": gettext_lazy("Korean"),
    "nl": gettext_lazy("Dutch"),
    "pl": gettext_lazy("Polish"),
    "pt": gettext_lazy("Portuguese"),
    "ru": gettext_lazy("Russian"),
    "tr": gettext_lazy("Turkish"),
    "zh": gettext_lazy("Chinese"),
}
SPELLINGS = {
    "bash": "Bash",
    "c++": "C++",
    "cpp": "C++",
    "css": "CSS",
    "html": "HTML",
    "javascript": "JavaScript",
    "json": "JSON",
    "php": "PHP",
    "sql": "SQL",
    "typescript": "TypeScript",
    "yaml": "YAML",
}


def choice_labels(values: Iterable[object]) -> dict[str, str]:
    """Labels by value. Codes become language names only where every choice but "detect" is one."""
    names = [str(value) for value in values]
    languages = all(name in LANGUAGES or name in ("detect", "auto") for name in names)
    return {name: label(name, languages) for name in names}


def label(name: str, languages: bool) -> str:
    if languages and name in LANGUAGES:
        return str(LANGUAGES[name])
    if languages:
        return _("Detect")
    if name in SPELLINGS:
        return SPELLINGS[name]
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] or name
