"""Reads the docstring of a variable: the text on the line behind it, which Python itself forgets."""

import ast
import inspect
from importlib import import_module


def docstring_after(module: str, name: str) -> str | None:
    """Return the docstring of a variable of a module, or of the module from which it is imported."""
    tree = ast.parse(inspect.getsource(import_module(module)))
    for statement, following in zip(tree.body, [*tree.body[1:], None], strict=True):
        if names(statement) == [name] and isinstance(following, ast.Expr):
            value = following.value
            return (
                inspect.cleandoc(value.value)
                if isinstance(value, ast.Constant) and isinstance(value.value, str)
                else None
            )
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    home = next((node.module for node in imports if name in [alias.name for alias in node.names]), None)
    return docstring_after(home, name) if home else None


def names(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]
