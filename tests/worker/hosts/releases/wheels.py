"""Wheels without a network: of what is installed here, and of packages that a test writes."""

import base64
import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

DAY = (2026, 1, 1, 0, 0, 0)
"""The time of every file, so that the same wheel has the same bytes."""

ROOT = Path(__file__).parents[4]
SDK = ["pydantic", "pydantic-core", "pluggy", "regex", "annotated-types", "typing-extensions", "typing-inspection"]


def repack(name: str, place: Path) -> Path:
    """The wheel that a package was installed from (binary distribution format of PyPA), less what its install made."""
    found = distribution(name)
    made = {script.name for script in found.entry_points}
    files = {}
    for file in found.files or []:
        source = Path(str(file.locate()))
        if ".." not in file.parts and "__pycache__" not in file.parts and source.is_file():
            files[str(file)] = source.read_bytes()
        elif source.parent.name == "bin" and source.name not in made:
            files[f"{found.name}-{found.version}.data/scripts/{source.name}"] = source.read_bytes()
    kept = {path: data for path, data in files.items() if not path.endswith(("/RECORD", "/INSTALLER", "/REQUESTED"))}
    tags = [line.split(": ")[1] for line in (found.read_text("WHEEL") or "").splitlines() if line.startswith("Tag")]
    tag = next((one for one in tags if not one.startswith("py2-")), tags[0])
    info = next(path.partition("/")[0] for path in kept if path.endswith(".dist-info/METADATA"))
    return write(place, *info.removesuffix(".dist-info").rsplit("-", 1), tag, kept)


def make(
    place: Path, name: str, version: str, files: Mapping[str, str], requires: Sequence[str] = (), entry: str = ""
) -> Path:
    """A package of pure Python. entry: the module of a plugin."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {one}\n" for one in requires)
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    content = {**files, f"{info}/METADATA": metadata}
    content[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if entry:
        content[f"{info}/entry_points.txt"] = f"[gptstore]\n{name} = {entry}\n"
    return write(place, name, version, "py3-none-any", {path: text.encode() for path, text in content.items()})


def make_sdk(place: Path) -> list[Path]:
    """What every plugin needs: the SDK of this checkout, and what it depends on."""
    sources = (ROOT / "gptstore" / "sdk").rglob("*.py")
    files = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sources}
    sdk = distribution("gptstore-sdk")
    requires = [str(Requirement(one)) for one in sdk.requires or []]
    return [
        make(place, "gptstore-sdk", sdk.version, files, requires),
        *(repack(n, place) for n in SDK),
    ]


def write(place: Path, name: str, version: str, tag: str, files: Mapping[str, bytes]) -> Path:
    stem = f"{name.replace('-', '_')}-{version}"
    path = place / f"{stem}-{tag}.whl"
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(path, "w") as wheel:
        for file, data in files.items():
            entry = zipfile.ZipInfo(file, DAY)
            entry.external_attr = (0o100755 if ".data/scripts/" in file else 0o100644) << 16
            wheel.writestr(entry, data)
            digest = base64.urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
            rows.writerow([file, f"sha256={digest}", len(data)])
        rows.writerow([f"{stem}.dist-info/RECORD", "", ""])
        wheel.writestr(zipfile.ZipInfo(f"{stem}.dist-info/RECORD", DAY), record.getvalue())
    return path


def lock(wheels: Sequence[Path]) -> str:
    """`requirements.txt` with the hashes of these wheels."""
    lines = []
    for wheel in wheels:
        name, version, *_ = wheel.name.split("-")
        lines.append(
            f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}"
        )
    return "\n".join(lines) + "\n"
