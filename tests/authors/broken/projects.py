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
    Broken(
        "no-pyproject",
        "project: {folder} has no pyproject.toml → `gptstore new my-tool` makes a project to start from",
        make=without_pyproject,
    ),
    Broken(
        "no-toml",
        "pyproject.toml:3: project: it is no TOML: {python} → mend the line",
        'version = "1.0.0"',
        'version = "1.0.0',
    ),
    Broken(
        "not-utf-8",
        "pyproject.toml: project: it can't be read: {python} → save it as UTF-8",
        files={"pyproject.toml": 'description = "Grüße"'.encode("latin-1")},
    ),
    Broken(
        "no-project-table",
        "pyproject.toml:1: project: it has no table [project] → `gptstore new my-tool` makes a project to start from",
        files={"pyproject.toml": "[tool.acme]\n"},
    ),
    Broken(
        "no-name",
        'pyproject.toml:1: name: the package has no name → write name = "gptstore-my-tool" below [project]',
        'name = "acme-greeter"\n',
        "",
    ),
    Broken(
        "unicode-name",
        "pyproject.toml:2: name: the package's name 'acme-grüße' is not one that package indexes take → use ASCII letters, digits and hyphens, as in gptstore-my-tool",
        "acme-greeter",
        "acme-grüße",
    ),
    Broken(
        "no-version",
        'pyproject.toml:1: project: the package has no version → write version = "0.1.0" below [project]',
        'version = "1.0.0"\n',
        "",
    ),
    Broken(
        "wrong-version",
        "pyproject.toml:3: project: the version 'first' is not one → write one such as \"1.2.0\"",
        '"1.0.0"',
        '"first"',
    ),
    Broken(
        "long-version",
        "pyproject.toml:3: project: the version has more than 64 characters → shorten it",
        '"1.0.0"',
        f'"1.0.0+{"x" * 64}"',
    ),
    Broken(
        "no-entry-point",
        'pyproject.toml:1: entry-point: it has no entry point in the group gptstore → write [project.entry-points.gptstore] with my-tool = "gptstore_my_tool", the module with the hook',
        '\n[project.entry-points.gptstore]\ngreeter = "acme_greeter"\n',
        "",
    ),
    Broken(
        "another-group",
        'pyproject.toml:8: entry-point: it has no entry point in the group gptstore ([project.entry-points.gpt-store] is another group) → write [project.entry-points.gptstore] with my-tool = "gptstore_my_tool", the module with the hook',
        "entry-points.gptstore",
        "entry-points.gpt-store",
    ),
    Broken(
        "entry-point-of-no-module",
        'pyproject.toml:9: entry-point: the entry point greeter is \'acme greeter\', which names no module → name a module, as in "gptstore_my_tool", or an object in one, as in "gptstore_my_tool:plugin"',
        'greeter = "acme_greeter"',
        'greeter = "acme greeter"',
    ),
    Broken(
        "module-missing",
        "pyproject.toml:9: entry-point: the entry point greeter names the module acme_greetings.tool, which is neither in module-missing nor in its src → name one that is there (acme_greeter)",
        'greeter = "acme_greeter"',
        'greeter = "acme_greetings.tool"',
    ),
    Broken(
        "object-missing",
        "pyproject.toml:9: entry-point: module 'acme_greeter' has no attribute 'plugin' → name an object that the module has, or the module alone",
        'greeter = "acme_greeter"',
        'greeter = "acme_greeter:plugin"',
    ),
    Broken(
        "dependencies-no-list",
        'pyproject.toml:6: project: dependencies is no list of texts → write dependencies = ["gptstore-sdk"]',
        DEPENDENCIES,
        '"gptstore-sdk"',
    ),
    Broken(
        "wrong-python-range",
        "pyproject.toml:5: project: requires-python 'three' is no range of versions → write \">=3.11\"",
        ">=3.11",
        "three",
    ),
    Broken(
        "python-of-the-future",
        "pyproject.toml:5: dependency-clash: requires-python '>=3.13' leaves out Python 3.11, 3.12 of the fleet → write requires-python = \">=3.11\"",
        ">=3.11",
        ">=3.13",
    ),
    Broken(
        "no-sdk",
        'pyproject.toml:6: dependency: it does not require gptstore-sdk → add "gptstore-sdk" to dependencies: a release has nothing that it does not name',
        DEPENDENCIES,
        "[]",
    ),
    depends(
        "old-pydantic",
        "pyproject.toml:6: dependency-clash: 'pydantic<2' clashes with the fleet, which has pydantic>=2.12 → allow pydantic>=2.12",
        "pydantic<2",
    ),
    depends(
        "old-django",
        "pyproject.toml:6: dependency-clash: 'Django<5' clashes with the fleet, which has django<5.3,>=5.2 → allow django<5.3,>=5.2",
        "Django<5",
    ),
    depends(
        "old-torch",
        "pyproject.toml:6: dependency-clash: 'torch==1.13.1' clashes with the fleet, which has torch==2.13.0 → allow torch==2.13.0",
        "torch==1.13.1",
    ),
    Broken(
        "future-sdk",
        "pyproject.toml:6: dependency-clash: 'gptstore-sdk>=99' leaves out gptstore-sdk 0.1.0, which you check with → allow gptstore-sdk>=0.1.0",
        "gptstore-sdk>=0.1",
        "gptstore-sdk>=99",
    ),
    depends(
        "the-store-itself",
        'pyproject.toml:6: dependency: it requires the store itself → require "gptstore-sdk": plugins see nothing else of it',
        "gptstore",
    ),
    depends(
        "from-an-address",
        "pyproject.toml:6: dependency: acme comes from an address of its own → name a version of an index: a release has wheels that have hashes",
        "acme @ git+https://git.example/acme.git",
    ),
    depends(
        "no-requirement",
        "pyproject.toml:6: dependency: 'httpx >> 1' is no requirement → write one such as \"httpx>=0.28,<1\"",
        "httpx >> 1",
    ),
    depends(
        "no-wheel-for-the-platform",
        "pyproject.toml:6: dependency-wheels: acme-native has no wheel for any platform of the fleet → choose a version or a package that has wheels: a store compiles nothing",
        "acme-native",
    ),
    depends(
        "no-such-package",
        "pyproject.toml:6: dependency-wheels: there is no package acme-nowhere → is the name right?",
        "acme-nowhere",
    ),
    Broken(
        "the-sdks-name",
        "pyproject.toml:2: name: the package's name gptstore_sdk is one of the store's own → choose another name",
        'name = "acme-greeter"',
        'name = "gptstore_sdk"',
    ),
    Broken(
        "squatter",
        "pyproject.toml:2: name: the package's name gptstore-sumarizer is easily mistaken for gptstore-summarizer → choose a name that differs in more than one letter",
        'name = "acme-greeter"',
        'name = "gptstore-sumarizer"',
    ),
    Broken(
        "squatter-of-the-prefix",
        "pyproject.toml:2: name: the package's name gptst0re-translator is easily mistaken for gptstore-translator → choose a name that differs in more than one letter",
        'name = "acme-greeter"',
        'name = "gptst0re-translator"',
    ),
]
