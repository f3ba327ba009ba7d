"""The languages whose code is coloured: those of the built-in tools, and those of ordinary answers.

Each lexer is a set of regular expressions that a hostile text can make slow, so that the list is short, and
tests/web/render/test_bombs.py tries them all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CodeLanguage:
    """One language. lexer: its name in pygments. suffix: of its files. labels: what models write behind a fence."""

    lexer: str
    suffix: str
    labels: tuple[str, ...] = ()


LANGUAGES = (
    CodeLanguage("python", "py", ("py", "python3")),
    CodeLanguage("javascript", "js", ("js", "jsx", "node")),
    CodeLanguage("typescript", "ts", ("ts", "tsx")),
    CodeLanguage("bash", "sh", ("sh", "shell", "zsh")),
    CodeLanguage("console", "txt", ("shell-session",)),
    CodeLanguage("sql", "sql", ("mysql", "postgresql", "sqlite")),
    CodeLanguage("html", "html", ("htm",)),
    CodeLanguage("css", "css"),
    CodeLanguage("go", "go", ("golang",)),
    CodeLanguage("rust", "rs", ("rs",)),
    CodeLanguage("java", "java"),
    CodeLanguage("c", "c", ("h",)),
    CodeLanguage("cpp", "cpp", ("c++",)),
    CodeLanguage("csharp", "cs", ("c#", "cs")),
    CodeLanguage("php", "php"),
    CodeLanguage("ruby", "rb", ("rb",)),
    CodeLanguage("kotlin", "kt", ("kt",)),
    CodeLanguage("swift", "swift"),
    CodeLanguage("json", "json"),
    CodeLanguage("yaml", "yaml", ("yml",)),
    CodeLanguage("toml", "toml"),
    CodeLanguage("ini", "ini", ("cfg",)),
    CodeLanguage("xml", "xml", ("svg",)),
    CodeLanguage("diff", "diff", ("patch",)),
    CodeLanguage("docker", "txt", ("dockerfile",)),
)

BY_LABEL = {label: language for language in LANGUAGES for label in (language.lexer, *language.labels)}


def find_language(label: str) -> CodeLanguage | None:
    return BY_LABEL.get(label.strip().lower())


def code_suffix(label: str) -> str:
    """Return the usual suffix of files in this language, or "" for one that is not in the list."""
    language = find_language(label)
    return language.suffix if language else ""
