"""Packages import each other in one direction only."""

from pathlib import Path

from tests.architecture.package_graph import find_cycles, read_graph

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["gptstore", "worker", "plugins", "training", "harness", "scripts", "bench"]


def test_no_package_reaches_itself_through_others() -> None:
    graph = read_graph(ROOT, ROOMS)

    assert len(graph) > 40
    assert find_cycles(graph) == []


def test_a_cycle_is_found(tmp_path: Path) -> None:
    # Given a package that imports another, which imports a third, which imports the first
    for name, imported in [("one", "two"), ("two", "three"), ("three", "one"), ("four", "one")]:
        folder = tmp_path / "shop" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "core.py").write_text(f"from shop.{imported}.core import thing")
    (tmp_path / "shop" / "__init__.py").touch()
    # Then the three are named
    assert find_cycles(read_graph(tmp_path, ["shop"])) == [["shop/one", "shop/three", "shop/two"]]


def test_an_entry_point_may_import_what_imports_its_package(tmp_path: Path) -> None:
    folder = tmp_path / "shop" / "inner"
    folder.mkdir(parents=True)
    for package in (folder, folder.parent):
        (package / "__init__.py").touch()
    (folder.parent / "errors.py").write_text("class Problem: ...")
    (folder / "core.py").write_text("from shop.errors import Problem")
    (folder.parent / "__main__.py").write_text("from shop.inner.core import Problem")
    assert find_cycles(read_graph(tmp_path, ["shop"])) == []
