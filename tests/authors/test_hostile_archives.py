"""An archive that plays a trick on readers of ZIP is refused by a sentence about it, before anything is unpacked."""

import io
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.entry import END, END_MARK
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import MAX_BYTES
from tests.authors.bundle_parts import files_of, write_small_bundle
from tests.authors.forged_archive import ForgedEntry, Forgery, entries_of

Forge = Callable[[Forgery], None]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return files_of(write_small_bundle(tmp_path_factory.mktemp("bundle")))


def refused(content: bytes, folder: Path) -> str:
    """Return why a file with this content is refused. Nothing else may be in its folder afterwards."""
    path = folder / "acme-tool-1.2.0.gptx"
    path.write_bytes(content)
    with pytest.raises(BundleError) as caught:
        Bundle.open(path)
    assert [*folder.iterdir()] == [path]
    return str(caught.value)


def test_a_forgery_without_a_trick_is_a_bundle(files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.gptx"
    path.write_bytes(Forgery([*entries_of(files).values()]).content())

    with Bundle.open(path) as bundle:
        assert bundle.contents.header.name == "acme-tool"


def change(place: int = 0, **values: object) -> Forge:
    def forge(archive: Forgery) -> None:
        for name, value in values.items():
            setattr(archive.entries[place], name, value)

    return forge


def set_end(**values: object) -> Forge:
    def forge(archive: Forgery) -> None:
        for name, value in values.items():
            setattr(archive, name, value)

    return forge


def add(name: bytes, place: int = 0, **values: object) -> Forge:
    def forge(archive: Forgery) -> None:
        archive.entries.insert(place, ForgedEntry(name, b"x", **values))  # type: ignore[arg-type]

    return forge


def twice(archive: Forgery) -> None:
    archive.entries.insert(1, archive.entries[0])


def swap(archive: Forgery) -> None:
    archive.entries[0], archive.entries[1] = archive.entries[1], archive.entries[0]


def overlap(archive: Forgery) -> None:
    archive.entries[1].offset = 0


def quoted(archive: Forgery) -> None:
    """Let the second entry lie in the data of the first, which is a local header with content (David Fifield, 2019)."""
    inner = archive.entries[1]
    archive.entries[0].data = inner.local_header() + inner.data
    archive.entries[1].offset = 30 + len(archive.entries[0].name)
    archive.entries[1].before = archive.entries[1].data = b""


TRICKS: dict[str, tuple[Forge, str]] = {
    "a comment": (set_end(comment=b"PK"), "data after its end, or a comment"),
    "data in front": (set_end(prefix=b"#!/bin/sh\n"), "data before bundle.json that belongs to no entry"),
    "data in front, which offsets hide": (set_end(prefix=b"MZ", shift=-2), "not where its end says"),
    "data between entries": (change(1, before=b"gap"), "data before checksums.txt that belongs to no entry"),
    "data before the directory": (set_end(before_directory=b"gap"), "data before the directory"),
    "data in the directory": (set_end(in_directory=b"gap"), "more than the entries that its end counts"),
    "fewer entries than its end counts": (set_end(number=20), "directory breaks off"),
    "more entries than its end counts": (set_end(number=3), "more than the entries that its end counts"),
    "many entries": (set_end(number=60_000), r"60,000 entries; a bundle may have 2,000"),
    "ZIP64": (set_end(number=0xFFFF), "ZIP64"),
    "a split archive": (set_end(disk=1), "one part of a split archive"),
    "one place for two entries": (overlap, "checksums.txt overlaps another entry"),
    "an entry in another": (quoted, "checksums.txt overlaps another entry"),
    "another name before the data": (
        change(local={"name": b"bundle.exe\0"}),
        "bundle.json is described in one way in the directory, and in another before its data",
    ),
    "another size before the data": (change(local={"size": 3, "packed": 3}), "bundle.json is described in one way"),
    "another method before the data": (change(local={"method": 8}), "bundle.json is described in one way"),
    "extra fields before the data": (
        change(local={"extra": b"up\4\0abcd"}),
        "data before checksums.txt that belongs to no entry",
    ),
    "a size that is none of the file's": (change(size=9), "bundle.json is stored, and has two sizes: [0-9]+ and 9"),
    "the last entry reaches into the directory": (
        change(-1, size=999_999, packed=999_999),
        "reaches into the directory",
    ),
    "compression": (change(method=8), "bundle.json is compressed"),
    "another compression": (change(method=14), "bundle.json is compressed"),
    "encryption": (change(flags=1), "bundle.json is encrypted"),
    "sizes behind the data": (change(flags=8), "described in one way"),
    "extra fields": (change(extra=b"\1\0\4\0abcd"), "bundle.json has extra fields"),
    "a link": (change(mode=stat.S_IFLNK | 0o777), "bundle.json is a link"),
    "a device": (change(mode=stat.S_IFCHR | 0o644), "times, modes or versions"),
    "a program": (change(mode=stat.S_IFREG | 0o755), "times, modes or versions"),
    "set-user-ID": (change(mode=stat.S_IFREG | 0o4644), "times, modes or versions"),
    "another day": (change(day=0x5B75, local={"day": 0x5B75}), "described in one way"),
    "a folder": (add(b"adapter/"), "adapter/ is a folder"),
    "an absolute path": (add(b"/etc/cron.d/x"), "/etc/cron.d/x is an absolute path"),
    "a path of Windows": (add(rb"wheels\x.whl"), "absolute path, or one of Windows"),
    "a drive": (add(b"C:x.whl"), "absolute path, or one of Windows"),
    "a way out": (add(b"wheels/../../x.whl"), r"wheels/../../x.whl leads out of its folder"),
    "a name of a dot": (add(b"./bundle.json"), "leads out of its folder"),
    "an empty name": (add(b""), " is no part of a bundle"),
    "a long name": (add(b"wheels/" + b"x" * 300 + b".whl"), "An entry's name has 311 bytes; it may have 200"),
    "a control character": (add(b"wheels/\x1b[2J.whl"), r"wheels/\\x1b\[2J.whl has characters beyond printable ASCII"),
    "a NUL": (add(b"bundle.json\0.exe"), "beyond printable ASCII"),
    "another script": (add("wheels/а.whl".encode()), "beyond printable ASCII"),
    "a file of another kind": (add(b"setup.py"), "setup.py is no part of a bundle"),
    "a pickle": (add(b"adapter/adapter_model.bin"), "adapter/adapter_model.bin is no part of a bundle"),
    "a hidden wheel": (add(b"wheels/.x.whl"), "is no part of a bundle"),
    "a name twice": (twice, "bundle.json is in it twice"),
    "a name in other case": (add(b"wheels/ACME_tool-1.2.0-py3-none-any.whl"), "are one file where case does not count"),
    "another order": (swap, "not in the order of their names"),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_is_refused_in_its_own_words(trick: str, files: dict[str, bytes], tmp_path: Path) -> None:
    forge, sentence = TRICKS[trick]
    archive = Forgery([*entries_of(files).values()])
    forge(archive)

    reason = refused(archive.content(), tmp_path)

    assert re.search(sentence, reason), reason


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>no</html>" * 100], ids=["nothing", "two bytes", "a page"])
def test_another_file_is_no_archive(content: bytes, tmp_path: Path) -> None:
    assert "is no ZIP archive" in refused(content, tmp_path)


def test_a_file_that_was_cut_is_no_archive(files: dict[str, bytes], tmp_path: Path) -> None:
    whole = Forgery([*entries_of(files).values()]).content()

    for length in (len(whole) - 1, len(whole) // 2, 30):
        assert "its end is missing" in refused(whole[:length], tmp_path)


def test_data_after_the_end_is_refused(files: dict[str, bytes], tmp_path: Path) -> None:
    whole = Forgery([*entries_of(files).values()]).content()

    assert "data after its end" in refused(whole + b"\0", tmp_path)
    assert "data" in refused(whole + whole, tmp_path)


def test_every_changed_byte_is_noticed(files: dict[str, bytes], tmp_path: Path) -> None:
    # Given a bundle, of which one byte after the other is another one; all of the headers, and some of the data
    whole = Forgery([*entries_of(files).values()]).content()
    path = tmp_path / "changed.gptx"
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        # Then it is refused, by no other error than ours
        with pytest.raises(BundleError):
            Bundle.open(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.gptx"
    path.touch()
    os.truncate(path, MAX_BYTES + 1)  # a file with a hole: nothing is written

    with pytest.raises(BundleError, match="It has 2,000,000,001 bytes; a bundle may have 2,000,000,000"):
        Bundle.open(path)


def test_a_directory_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.gptx"
    path.touch()
    os.truncate(path, 1_000_000_000)
    with path.open("ab") as file:
        file.write(END.pack(END_MARK, 0, 0, 1, 1, 1_000_000_000, 0, 0))

    with pytest.raises(BundleError, match="Its directory has 1,000,000,000 bytes, more than there is to say"):
        Bundle.open(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gptx")

    with pytest.raises(BundleError, match="is no file"):
        Bundle.open(tmp_path / "pipe.gptx")


def test_an_archive_of_another_program_is_refused(files: dict[str, bytes], tmp_path: Path) -> None:
    for compression in (0, ZIP_DEFLATED):
        memory = io.BytesIO()
        with ZipFile(memory, "w", compression) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        assert refused(memory.getvalue(), tmp_path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="No such file"):
        Bundle.open(tmp_path / "none.gptx")
