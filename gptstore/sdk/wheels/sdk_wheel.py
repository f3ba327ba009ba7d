"""Makes the wheel of the SDK that this command belongs to: what a tool was tested with is what it ships with.

No index is asked for it, so that nobody can put another package of its name there.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

from gptstore.sdk.wheels.wheel_file import write_wheel

NAME = "gptstore-sdk"
PACKAGE = Path(__file__).parents[1]
LEFT_OUT = {"__pycache__", "build"}
SOURCE_ONLY = {"README.md", "pyproject.toml"}
WHEEL = "Wheel-Version: 1.0\nGenerator: gptstore\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def make_sdk_wheel(folder: Path) -> Path:
    """Write the wheel into a folder and return it. It is the same from an editable installation."""
    found = distribution(NAME)
    info = f"gptstore_sdk-{found.version}.dist-info"
    files = {f"gptstore/sdk/{name}": data for name, data in package_files().items()}
    files[f"{info}/METADATA"] = (found.read_text("METADATA") or "").encode()
    files[f"{info}/entry_points.txt"] = (found.read_text("entry_points.txt") or "").encode()
    files[f"{info}/WHEEL"] = WHEEL.encode()
    target = folder / f"gptstore_sdk-{found.version}-py3-none-any.whl"
    write_wheel(target, files)
    return target


def package_files() -> dict[str, bytes]:
    """Return the files of the package, less what stands beside it in its source and what Python made."""
    names = {path.relative_to(PACKAGE): path for path in PACKAGE.rglob("*") if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in names.items()
        if not LEFT_OUT & {*name.parts} and str(name) not in SOURCE_ONLY and ".egg-info" not in name.parts[0]
    }
