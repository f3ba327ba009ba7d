"""A plugin on disk, with real package metadata, so that importlib.metadata finds it as if pip had installed it."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Install = Callable[..., Path]


@pytest.fixture
def site_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder on `sys.path`; what a test imports from it is forgotten afterwards."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in set(sys.modules) - known:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def install(site_folder: Path) -> Install:
    """install("my-plugin", code): write a module and the metadata of the package that it belongs to."""

    def install(
        name: str, code: str, *, version: str = "1.0", metadata: str = "", entry_points: str | None = None
    ) -> Path:
        module = name.replace("-", "_")
        path = site_folder / f"{module}.py"
        path.write_text(textwrap.dedent(code), encoding="utf-8")
        info = site_folder / f"{module}-{version}.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"
        (info / "METADATA").write_text(head + textwrap.dedent(metadata), encoding="utf-8")
        points = f"{module} = {module}" if entry_points is None else textwrap.dedent(entry_points)
        (info / "entry_points.txt").write_text(f"[gptstore]\n{points}\n", encoding="utf-8")
        return path

    return install


@pytest.fixture
def greeter() -> str:
    """The code of a plugin with one tool, `greet`."""
    return """
        from gptstore.sdk import Context, hookimpl, tool

        @tool(title="Greeter", category="writing")
        def greet(ctx: Context, name: str) -> str:
            "Greet somebody."
            return f"Hello, {name}!"

        @hookimpl
        def gptstore_tools():
            return [greet]
    """
