"""Bundles of small plugins, and the command `gptstore` on the store of a test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gptstore.sdk.bundle.format import MANIFEST as MANIFEST_FILE
from gptstore.sdk.bundle.format import Header
from gptstore.sdk.bundle.writer import Parts, write_bundle
from gptstore.sdk.manifest import Manifest, ToolManifest
from gptstore.sdk.wheels.platforms import Platform
from harness.process import ROOT
from harness.site import Site
from tests.authors.bundle_parts import MANIFEST, pin_of, write_changed
from tests.worker.hosts.releases.wheels import make

DRIP = """
from pathlib import Path
from time import sleep
from gptstore.sdk import Context, hookimpl, tool
{imports}

@tool(title="Drip", summary="Says its version again and again, until there is a file `stop` beside it.")
def {slug}(ctx: Context):
    while not Path("stop").exists():
        yield "{version} "
        sleep(0.02)
    yield "end of {version}"

@hookimpl
def gptstore_tools():
    return [{slug}]
"""

SAY = """
from gptstore.sdk import Context, hookimpl, tool
{imports}

@tool(title="Say", summary="Says its version.")
def {slug}(ctx: Context) -> str:
    return "{version}"

@hookimpl
def gptstore_tools():
    return [{slug}]
"""


REPEAT = """
from gptstore.sdk import Context, hookimpl, tool
{imports}

@tool(title="Repeat", summary="Says its version.")
def {slug}(ctx: Context, word: str = "") -> str:
    return "{version}"

@hookimpl
def gptstore_tools():
    return [{slug}]
"""

HOLD = """
from pathlib import Path
from time import sleep
from gptstore.sdk import Context, hookimpl, tool
{imports}

@tool(title="Hold", summary="Says its version once there is a file `stop` beside it.")
def {slug}(ctx: Context) -> str:
    while not Path("stop").exists():
        sleep(0.1)
    return "{version}"

@hookimpl
def gptstore_tools():
    return [{slug}]
"""

FRUIT = SAY.replace('return "{version}"', "import fruit; return fruit.VERSION")
FAULTY = REPEAT.replace('return "{version}"', "return str(len(word) // 0)")


@dataclass(frozen=True)
class Bundler:
    """Writes bundles whose only other wheels are those of the SDK, and small packages."""

    folder: Path
    sdk: Sequence[Path]

    def write(
        self, name: str, version: str, code: str = SAY, slug: str = "say", needs: Sequence[str] = (), imports: str = ""
    ) -> Path:
        """Write `acme-NAME`. imports: more lines at the top of the code.

        needs: packages such as "fruit==2.0", which are made here, and have their VERSION.
        """
        place = self.folder / f"{name}-{version}"
        place.mkdir(parents=True, exist_ok=True)
        text = code.format(slug=slug, version=version, imports=imports)
        module = f"acme_{name.replace('-', '_')}"
        plugin = make(place, f"acme-{name}", version, {f"{module}.py": text}, ["gptstore-sdk", *needs], entry=module)
        pairs = [(one, at or "1.0") for one, _, at in (need.partition("==") for need in needs)]
        packages = [make(place, one, at, {f"{one}.py": f"VERSION = {at!r}\n"}) for one, at in pairs]
        wheels = [plugin, *packages, *(Path(shutil.copy(wheel, place)) for wheel in self.sdk)]
        lock = place / "requirements.txt"
        lock.write_text("".join(map(pin_of, wheels)))
        header = Header(name=f"acme-{name}", version=version, platforms=[Platform.here().name], sdk="0.1.0")
        tools = [MANIFEST.tools[0].model_copy(update={"slug": slug, "examples": []})]
        manifest = MANIFEST.model_copy(update={"name": header.name, "version": version, "tools": tools})
        write_bundle(path := place / header.file_name, Parts(header, manifest, lock, wheels))
        return path

    def write_honest(self, name: str, version: str, code: str, slug: str = "say", **given: Any) -> Path:
        """Write `acme-NAME` with the manifest of its code, which this process runs for that. given: as to `write`."""
        path = self.write(name, version, code, slug=slug, **given)
        space: dict[str, Any] = {}
        exec(code.format(slug=slug, version=version, imports=""), space)  # noqa: S102
        tools = [ToolManifest.from_tool(tool) for tool in space["gptstore_tools"]()]
        package = {"name": f"acme-{name}", "version": version, "summary": "", "license": ""}
        content = Manifest(**package, tools=tools).model_dump_json(indent=2).encode()
        target = path.with_suffix(".honest.gptx")

        def put_manifest(files: dict[str, bytes]) -> None:
            files[MANIFEST_FILE] = content

        return write_changed(path, target, put_manifest)


def gptstore(site: Site, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as an operator would, on the store's machine."""
    process = start_gptstore(site, *arguments)
    printed, errors = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, printed, errors)


def start_gptstore(site: Site, *arguments: str | Path) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GPTSTORE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "gptstore.sdk.cli", *map(str, arguments)],
        cwd=ROOT,
        env={**inherited, **site.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
