"""The languages that the code writer offers, under the names that syntax highlighters use."""

import re
from typing import Literal

Language = Literal["python", "javascript", "typescript", "bash", "sql", "html", "css", "go", "rust", "java", "c", "cpp"]

NAMES: dict[Language, str] = {
    "python": "Python",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "bash": "Bash",
    "sql": "SQL",
    "html": "HTML",
    "css": "CSS",
    "go": "Go",
    "rust": "Rust",
    "java": "Java",
    "c": "C",
    "cpp": "C++",
}

LABELS: dict[str, Language] = {
    **dict.fromkeys(("py", "python3", "py3", "ipython", "cpython", "pyi"), "python"),
    **dict.fromkeys(("js", "jsx", "mjs", "cjs", "node", "nodejs", "ecmascript", "es6"), "javascript"),
    **dict.fromkeys(("ts", "tsx", "mts", "cts"), "typescript"),
    **dict.fromkeys(("sh", "shell", "zsh", "ksh", "dash", "console", "terminal", "shellsession"), "bash"),
    **dict.fromkeys(("shell-session", "shell-script", "shellscript"), "bash"),
    **dict.fromkeys(("mysql", "mariadb", "postgresql", "postgres", "psql", "plpgsql", "sqlite", "sqlite3"), "sql"),
    **dict.fromkeys(("tsql", "mssql", "plsql"), "sql"),
    **dict.fromkeys(("htm", "html5", "xhtml"), "html"),
    "css3": "css",
    "golang": "go",
    "rs": "rust",
    "h": "c",
    **dict.fromkeys(("c++", "cc", "cxx", "hpp", "hxx"), "cpp"),
    **{language: language for language in NAMES},
}
"""The labels that models write behind the opening fence of a code block."""

DATA = {
    *("text", "txt", "plain", "plaintext", "output", "none", "log", "json", "json5", "jsonl", "yaml", "yml", "toml"),
    *("ini", "csv", "xml", "diff", "patch", "markdown", "md", "mermaid", "http", "dotenv", "env", "bash", "console"),
}
"""The labels of what is no code, or only the command that installs or runs it."""

LABEL = re.compile(r"\{?\s*\.?(?:lang(?:uage)?-)?(?P<name>[a-z][a-z+#_-]*[0-9]?)(?P<version>[0-9.]*)", re.IGNORECASE)


def language_of(label: str) -> Language | None:
    """Return the language that the words behind an opening fence name, as in `py`, `{.python}` or `Python3.12`."""
    found = LABEL.match(label.strip())
    if not found:
        return None
    name = found["name"].lower()
    return LABELS.get(name) or LABELS.get(name.rstrip("0123456789"))
