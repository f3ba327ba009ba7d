"""Projects of plugins to build, and the wheels that they need, so that no test asks an index."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

BACKEND = '''
"""A build backend that makes another file each time: it stamps the time, the order, the mode and compression."""

import os, random, time, tomllib, zipfile
from pathlib import Path

def build_wheel(folder, config_settings=None, metadata_directory=None):
    project = tomllib.load(open("pyproject.toml", "rb"))["project"]
    stem = f"{project['name'].replace('-', '_')}-{project['version']}"
    info = f"{stem}.dist-info"
    lines = ["Metadata-Version: 2.4", f"Name: {project['name']}", f"Version: {project['version']}"]
    lines += ["License-Expression: MIT", *(f"Requires-Dist: {one}" for one in project["dependencies"])]
    points = project.get("entry-points", {}).get("gptstore", {})
    found = [path for path in Path(".").rglob("*.py") if path.name != "backend.py"]
    files = {path.as_posix(): path.read_text() for path in found}
    files[f"{info}/METADATA"] = "\\n".join(lines) + "\\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: TAG\\n"
    files[f"{info}/entry_points.txt"] = "[gptstore]\\n" + "".join(f"{n} = {v}\\n" for n, v in points.items())
    files[f"{info}/RECORD"] = f"{time.time_ns()},,\\n"
    names = random.sample(sorted(files), len(files))
    with zipfile.ZipFile(os.path.join(folder, f"{stem}-TAG.whl"), "w", random.choice([0, 8])) as wheel:
        for name in names:
            entry = zipfile.ZipInfo(name, time.localtime()[:6])
            entry.external_attr = random.choice([0o100600, 0o100755]) << 16
            wheel.writestr(entry, files[name])
    return f"{stem}-TAG.whl"
'''

TOOL = """
from gptstore.sdk import Context, Example, hookimpl, tool
{imports}

@tool(title="Shout", examples=[Example("A word", {{"word": "hé"}})])
def shout(ctx: Context, word: str) -> str:
    \"\"\"Say a word loudly.\"\"\"
    return word.upper()

@hookimpl
def gptstore_tools():
    return [shout]
"""


def write_project(
    folder: Path,
    requires: Sequence[str] = (),
    version: str = "1.2.0",
    code: str | None = None,
    imports: str = "",
    tag: str = "py3-none-any",
    entry: bool = True,
) -> Path:
    """Write a project whose backend lies in it and needs nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    dependencies = ", ".join(f'"{one}"' for one in ["gptstore-sdk>=0.1", *requires])
    points = '[project.entry-points.gptstore]\nacme = "acme_tool"\n' if entry else ""
    (folder / "pyproject.toml").write_text(
        dedent(
            f"""\
            [build-system]
            requires = []
            build-backend = "backend"
            backend-path = ["."]

            [project]
            name = "acme-tool"
            version = "{version}"
            dependencies = [{dependencies}]

            """
        )
        + points
    )
    (folder / "backend.py").write_text(BACKEND.replace("TAG", tag))
    (folder / "acme_tool.py").write_text(TOOL.format(imports=imports) if code is None else code, encoding="utf-8")
    return folder
