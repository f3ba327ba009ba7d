"""The comparison of two bundles' files: shown as text, bounded, and never run."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile
from zlib import crc32

import pytest

from gptstore.releases.file_changes import MAX_TEXT_BYTES, FileChange, FileChanges, file_changes
from gptstore.sdk.bundle.bundle import Bundle
from tests.authors.bundle_parts import files_of, replace_wheel, safetensors, write_changed, write_small_bundle

Files = Mapping[str, bytes]
METADATA = "Metadata-Version: 2.1\nName: acme-tool\nVersion: {version}\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def bundle(folder: Path, version: str, files: Files) -> Path:
    """Write a bundle whose own wheel has these files."""
    small = write_small_bundle(folder, version=version)
    name = f"wheels/acme_tool-{version}-py3-none-any.whl"
    info = f"acme_tool-{version}.dist-info"
    content = {**files, f"{info}/METADATA": METADATA.format(version=version).encode(), f"{info}/WHEEL": WHEEL.encode()}
    packed, record = io.BytesIO(), io.StringIO()
    csv.writer(record).writerows([path, "", len(data)] for path, data in content.items())
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for path, data in {**content, f"{info}/RECORD": record.getvalue().encode()}.items():
            archive.writestr(path, data)
    return write_changed(small, folder / "changed.gptx", lambda parts: replace_wheel(parts, name, packed.getvalue()))


def compare(
    tmp_path: Path, before: Mapping[str, bytes] | None, after: Mapping[str, bytes], only: str = ""
) -> FileChanges:
    with Bundle.open(bundle(tmp_path / "after", "1.1", after)) as new:
        if before is None:
            return file_changes(None, new, only)
        with Bundle.open(bundle(tmp_path / "before", "1.0", before)) as old:
            return file_changes(old, new, only)


def one(changes: FileChanges, name: str) -> FileChange:
    return next(file for file in changes.files if file.name == name)


def text_of(change: FileChange) -> list[str]:
    marks = {"same": " ", "added": "+", "removed": "-", "left out": "…"}
    return [f"{marks[line.kind]}{line.text}" for line in change.lines]


def test_code_is_compared_line_by_line(tmp_path: Path) -> None:
    changes = compare(tmp_path, {"a.py": b"x = 1\ny = 2", "b.py": b"same"}, {"a.py": b"x = 1\ny = 3", "b.py": b"same"})

    assert text_of(one(changes, "a.py")) == [" x = 1", "-y = 2", "+y = 3"]
    assert [file.name for file in changes.files] == ["a.py", "*.dist-info/METADATA"]  # which has the version
    assert changes.same == 2


def test_files_come_and_go_and_code_is_first(tmp_path: Path) -> None:
    changes = compare(tmp_path, {"gone.py": b"x"}, {"a.txt": b"x", "new.py": b"x"})

    states = {file.name: file.state for file in changes.files}
    assert states == {"gone.py": "removed", "new.py": "new", "a.txt": "new", "*.dist-info/METADATA": "changed"}
    assert [*states][:2] == ["gone.py", "new.py"]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"\x89PNG\0", "binary"),
        (b"x = '\xff\xfe'", "not UTF-8"),
        (b"# " + b"a" * MAX_TEXT_BYTES, "too long"),
        (b"\n" * 30_000, "too long"),
    ],
)
def test_what_cannot_be_shown_is_named_with_its_digest(tmp_path: Path, content: bytes, note: str) -> None:
    change = one(compare(tmp_path, None, {"a.py": content}), "a.py")

    assert (change.note, change.lines) == (note, [])
    assert change.after and len(change.after.digest) == 64 and change.after.size == len(content)


def test_ten_megabytes_of_differences_are_not_shown(tmp_path: Path) -> None:
    noise = {f"noise{n}.txt": b"".join(b"%d %d\n" % (n, m) for m in range(70_000)) for n in range(15)}
    changes = compare(tmp_path, {}, {**noise, "a.py": b"import os"})

    assert text_of(one(changes, "a.py")) == ["+import os"]
    assert sum(len(line.text) for file in changes.files for line in file.lines) < 500_000
    assert sum(file.note == "too long" for file in changes.files) == 15


def test_noise_does_not_use_up_the_room_of_code(tmp_path: Path) -> None:
    noise = {f"a{n}.txt": b"x" * 3_000 for n in range(300)}
    changes = compare(tmp_path, None, {**noise, "z.py": b"import os"})

    assert text_of(one(changes, "z.py")) == ["+import os"]
    assert sum(file.note == "too long" for file in changes.files) > 100


def test_a_file_is_shown_alone_with_more_of_its_lines(tmp_path: Path) -> None:
    code = "".join(f"x{n} = {n}\n" for n in range(10_000)).encode()

    assert one(compare(tmp_path, None, {"a.py": code}), "a.py").note == "too long"
    alone = compare(tmp_path, None, {"a.py": code}, only="a.py")
    assert [file.name for file in alone.files] == ["a.py"] and len(alone.files[0].lines) == 10_001


def test_nothing_hides_in_invisible_characters_or_at_the_end_of_a_line(tmp_path: Path) -> None:
    hidden = "x = 1  # \u202e\u2066 \u200b\x1b[2J" + " " * 1_000 + "; import os"
    change = one(compare(tmp_path, {"a.py": b"x = 1"}, {"a.py": hidden.encode()}), "a.py")

    (line,) = [line.text for line in change.lines if line.kind == "added"]
    assert "\\u202e\\u2066 \\u200b\\x1b[2J" in line and line.endswith("; import os")


def test_lines_that_differ_beyond_what_is_shown_are_still_found(tmp_path: Path) -> None:
    change = one(compare(tmp_path, {"a.py": b"x" * 5_000 + b"a"}, {"a.py": b"x" * 5_000 + b"b"}), "a.py")

    assert [line.kind for line in change.lines] == ["removed", "added"]
    assert all("(+1,001)" in line.text for line in change.lines)


def test_a_damaged_file_of_a_wheel_is_named(tmp_path: Path) -> None:
    path = bundle(tmp_path, "1.1", {"a.py": b"print('hello, hello, hello')"})
    name = "wheels/acme_tool-1.1-py3-none-any.whl"
    content = bytearray(files_of(path)[name])
    content[content.index(b"a.py") + 5] ^= 0xFF
    damaged = write_changed(path, tmp_path / "damaged.gptx", lambda parts: replace_wheel(parts, name, bytes(content)))

    with Bundle.open(damaged) as opened:
        assert one(file_changes(None, opened), "a.py").note == "unreadable"


def test_an_adapter_is_named_by_its_digest(tmp_path: Path) -> None:
    config, weights = tmp_path / "adapter_config.json", tmp_path / "adapter_model.safetensors"
    config.write_text('{"peft_type": "LORA"}')
    weights.write_bytes(safetensors({"a": 4}))
    adapter = {f"adapter/{path.name}": path for path in (config, weights)}

    with Bundle.open(write_small_bundle(tmp_path / "b", adapter=adapter)) as opened:
        change = one(file_changes(None, opened), "adapter/adapter_model.safetensors")

    assert change.note == "binary" and change.after and change.after.digest


def test_files_of_other_packages_are_not_shown(tmp_path: Path) -> None:
    assert "fruit.py" not in [file.name for file in compare(tmp_path, None, {"a.py": b""}).files]


def test_the_digest_decides_not_the_checksum_of_the_archive(tmp_path: Path) -> None:
    """Two texts of one length with one CRC-32: it can be made to fit."""
    first, second = colliding()
    changes = compare(tmp_path, {"a.bin": first}, {"a.bin": second})

    assert one(changes, "a.bin").state == "changed"


def colliding() -> tuple[bytes, bytes]:
    """Return two contents of one length with the same CRC-32: they differ by its polynomial."""
    contents = bytes(8), 0x1DB710641.to_bytes(8, "little")
    assert crc32(contents[0]) == crc32(contents[1])
    return contents
