"""Which top-level folders import which, read from the syntax trees: import-linter sees packages only."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_PRODUCT = {"harness", "bench", "tests"}
FORBIDDEN = {
    "harness": {"bench", "tests"},
    "bench": {"tests"},
    "gptstore": NOT_PRODUCT,
    "worker": NOT_PRODUCT,
    "plugins": NOT_PRODUCT,
}


def imported_by(path: Path) -> set[str]:
    """Return the top-level names that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_folder_imports_none_that_stands_above_it(room: str) -> None:
    found = {str(path.relative_to(ROOT)): imported_by(path) for path in (ROOT / room).rglob("*.py")}

    assert len(found) > 5
    assert {path: names & FORBIDDEN[room] for path, names in found.items() if names & FORBIDDEN[room]} == {}


def test_what_is_imported_is_found_in_any_place(tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text("import a.b, c\nfrom d.e import f\nfrom . import g\n\n\ndef h():\n    from i import j\n")

    assert imported_by(path) == {"a", "c", "d", "i"}
