"""Projects whose pyproject.toml, names or dependencies no store takes."""

from pathlib import Path

from tests.authors.broken.plugin import Broken

DEPENDENCIES = '["gptstore-sdk>=0.1"]'


def depends(name: str, line: str, *more: str, options: tuple[str, ...] = ()) -> Broken:
    """Return a project with these dependencies beside the SDK."""
    lines = ", ".join(f'"{one}"' for one in ("gptstore-sdk>=0.1", *more))
    return Broken(name, line, DEPENDENCIES, f"[{lines}]", options=options)


def without_pyproject(project: Path) -> None:
    (project / "pyproject.toml").unlink()


PROJECTS = [
    Broken("no-pyproject", "?", make=without_pyproject),
    Broken("no-toml", "?", 'version = "1.0.0"', 'version = "1.0.0'),
    Broken("not-utf-8", "?", files={"pyproject.toml": 'description = "Grüße"'.encode("latin-1")}),
    Broken("no-project-table", "?", "[project]", "[tool.acme]"),
    Broken("no-name", "?", 'name = "acme-greeter"\n', ""),
    Broken("unicode-name", "?", "acme-greeter", "acme-grüße"),
    Broken("no-version", "?", 'version = "1.0.0"\n', ""),
    Broken("wrong-version", "?", '"1.0.0"', '"first"'),
    Broken("long-version", "?", '"1.0.0"', f'"1.0.0+{"x" * 64}"'),
    Broken("no-entry-point", "?", '\n[project.entry-points.gptstore]\ngreeter = "acme_greeter"\n', ""),
    Broken("another-group", "?", "entry-points.gptstore", "entry-points.gpt-store"),
    Broken("entry-point-of-no-module", "?", 'greeter = "acme_greeter"', 'greeter = "acme greeter"'),
    Broken("module-missing", "?", 'greeter = "acme_greeter"', 'greeter = "acme_greetings.tool"'),
    Broken("object-missing", "?", 'greeter = "acme_greeter"', 'greeter = "acme_greeter:plugin"'),
    Broken("dependencies-no-list", "?", DEPENDENCIES, '"gptstore-sdk"'),
    Broken("wrong-python-range", "?", ">=3.11", "three"),
    Broken("python-of-the-future", "?", ">=3.11", ">=3.13"),
    Broken("no-sdk", "?", DEPENDENCIES, "[]"),
    depends("old-pydantic", "?", "pydantic<2"),
    depends("old-django", "?", "Django<5"),
    depends("old-torch", "?", "torch==1.13.1"),
    Broken("future-sdk", "?", "gptstore-sdk>=0.1", "gptstore-sdk>=99"),
    depends("the-store-itself", "?", "gptstore"),
    depends("from-an-address", "?", "acme @ git+https://git.example/acme.git"),
    depends("no-requirement", "?", "httpx >> 1"),
    depends("no-wheel-for-the-platform", "?", "acme-native"),
    depends("no-such-package", "?", "acme-nowhere"),
    Broken("the-sdks-name", "?", 'name = "acme-greeter"', 'name = "gptstore_sdk"'),
    Broken("squatter", "?", 'name = "acme-greeter"', 'name = "gptstore-sumarizer"'),
    Broken("squatter-of-the-prefix", "?", 'name = "acme-greeter"', 'name = "gptst0re-translator"'),
]
