"""Which packages import which, read from the syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

Graph = dict[str, dict[str, set[str]]]
"""For each package the packages that it imports, and the modules that do."""


def read_graph(root: Path, rooms: list[str]) -> Graph:
    """Return the graph of the packages in these folders of `root`.

    A package is a folder with Python files; `__main__.py` is one of its own, since nothing imports an entry point.
    """
    files = [path.relative_to(root) for room in rooms for path in sorted((root / room).rglob("*.py"))]
    modules = {module_of(path, root): path for path in files if "migrations" not in path.parts}
    graph: Graph = {}
    for module, path in modules.items():
        for imported in imports(ast.parse((root / path).read_text(encoding="utf-8"))):
            if imported in modules and (root / modules[imported]).stat().st_size:
                source, target = package_of(path), package_of(modules[imported])
                if source != target:
                    graph.setdefault(source, {}).setdefault(target, set()).add(module)
    return graph


def module_of(path: Path, root: Path) -> str:
    parts = path.with_suffix("").parts
    while not (root / Path(parts[0], "__init__.py")).exists() and len(parts) > 1:
        parts = parts[1:]  # a folder that holds a distribution, such as plugins/qa
    return ".".join(parts).removesuffix(".__init__")


def package_of(path: Path) -> str:
    return str(path if path.name == "__main__.py" else path.parent)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def find_cycles(graph: Graph) -> list[list[str]]:
    """Return the sets of packages that reach each other (Tarjan 1972), each sorted."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(package: str) -> None:
        index[package] = low[package] = len(index)
        stack.append(package)
        for target in graph.get(package, {}):
            if target not in index:
                visit(target)
                low[package] = min(low[package], low[target])
            elif target in stack:
                low[package] = min(low[package], index[target])
        if low[package] == index[package]:
            cycle = [stack.pop()]
            while cycle[-1] != package:
                cycle.append(stack.pop())
            if len(cycle) > 1:
                found.append(sorted(cycle))

    for package in graph:
        if package not in index:
            visit(package)
    return found
