"""The languages that the code writer offers, under the names that syntax highlighters use."""

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
    "py": "python",
    "python3": "python",
    "js": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "tsx": "typescript",
    "sh": "bash",
    "shell": "bash",
    "zsh": "bash",
    "console": "bash",
    "mysql": "sql",
    "postgresql": "sql",
    "sqlite": "sql",
    "htm": "html",
    "golang": "go",
    "rs": "rust",
    "h": "c",
    "c++": "cpp",
    **{language: language for language in NAMES},
}
"""The labels that models write behind the opening fence of a code block."""
