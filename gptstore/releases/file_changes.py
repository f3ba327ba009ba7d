"""The differences between the files of two bundles: code as a comparison, line by line, all else by its digest.

Nothing is unpacked or run, and there is a bound on everything: who submits a bundle may want to tire out its reader.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import BinaryIO, Literal
from zipfile import ZipFile, ZipInfo

from gptstore.releases.changes import State, state_of
from gptstore.releases.diff import Line, compare
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.errors import printable
from gptstore.sdk.bundle.format import ADAPTER, WHEELS
from gptstore.sdk.bundle.wheel import UNREADABLE

MAX_READ_BYTES = 64_000_000
"""What is read of all files of one bundle."""

MAX_TEXT_BYTES = 1_000_000
MAX_LINES = 20_000
MAX_LINE = 4_000
MAX_SHOWN = 400_000
MAX_SHOWN_OF_FILE = 150_000
MAX_SHOWN_ALONE = 4_000_000
"""Characters of all lines of a page, of one file on it, and of a file that is shown alone; each line counts 40 more."""

LINE_COSTS = 40
MAX_FILES = 500
CHUNK = 1 << 20
RECORD = "*.dist-info/RECORD"
TAB = 4

Note = Literal["", "binary", "not UTF-8", "too long", "unreadable"]


@dataclass(frozen=True)
class File:
    """A file of a wheel or of an adapter. digest: "" when it was not read. text: None unless it can be shown."""

    digest: str
    size: int
    note: Note = ""
    text: tuple[str, ...] | None = None


@dataclass(frozen=True)
class FileChange:
    """A file that is not the same in both. title: its name, printable. note: why no lines are shown."""

    name: str
    title: str
    before: File | None
    after: File | None
    note: Note = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def state(self) -> State:
        return state_of(self.before, self.after)


@dataclass(frozen=True)
class FileChanges:
    """files: those that differ, Python code first. left_out: how many more do. same: how many are the same."""

    files: list[FileChange]
    left_out: int
    same: int


def file_changes(before: Bundle | None, after: Bundle, only: str = "") -> FileChanges:
    """Compare the plugin's own files. only: the name of the one to show, with more of its lines."""
    old, new = files_in(before) if before else {}, files_in(after)
    names = sorted({*old, *new}, key=lambda name: (not name.endswith(".py"), name))
    differing = [name for name in names if not is_same(old.get(name), new.get(name))]
    chosen = [name for name in differing if only in ("", name)][:MAX_FILES]
    room, files = MAX_SHOWN_ALONE if only else MAX_SHOWN, []
    for name in chosen:
        lines = lines_of(old.get(name), new.get(name))
        cost = sum(LINE_COSTS + min(len(line.text), MAX_SHOWN_ALONE if only else MAX_LINE) for line in lines)
        fits = cost <= (room if only else min(room, MAX_SHOWN_OF_FILE))
        room -= cost if fits else 0
        files.append(change_of(name, old.get(name), new.get(name), lines if fits else None, cut=not only))
    return FileChanges(files, len(differing) - len(chosen), len(names) - len(differing))


def is_same(before: File | None, after: File | None) -> bool:
    """Return whether it is the same file, as far as it was read: what was not is taken to differ."""
    return bool(before and after and before.digest and before.digest == after.digest)


def lines_of(before: File | None, after: File | None) -> list[Line]:
    return compare(*((file.text or ()) if file else () for file in (before, after)))


def change_of(name: str, before: File | None, after: File | None, lines: list[Line] | None, *, cut: bool) -> FileChange:
    notes: list[Note] = [file.note for file in (after, before) if file and file.note]
    note: Note = notes[0] if notes else "too long" if lines is None else ""
    shown = [replace(line, text=show(line.text, cut=cut)) for line in lines or () if not note]
    return FileChange(name, printable(name), before, after, note, shown)


def files_in(bundle: Bundle) -> dict[str, File]:
    """Return the files of the plugin's own wheels, and of its adapter. What stands for its version is taken out."""
    header, found, room = bundle.contents.header, {}, MAX_READ_BYTES
    own = [wheel for wheel in bundle.wheels if wheel.name == header.name]
    for wheel in own:
        prefix = f"{wheel.tag}/" if len(own) > 1 else ""
        with ZipFile(bundle.archive.section(f"{WHEELS}{wheel.file_name}")) as archive:
            for entry in archive.infolist():
                name = f"{prefix}{without_version(entry.filename)}"
                if entry.is_dir() or name.endswith(RECORD):
                    continue
                found[name] = (
                    read_file(archive, entry) if entry.file_size <= room else File("", entry.file_size, "too long")
                )
                room -= min(room, entry.file_size)
    for name, digest in bundle.checksums.items():
        if name.startswith(ADAPTER):
            found[name] = File(digest, bundle.archive.entries[name].size, "binary")
    return found


def without_version(name: str) -> str:
    folder, slash, rest = name.partition("/")
    return f"*.dist-info/{rest}" if slash and folder.endswith(".dist-info") else name


def read_file(archive: ZipFile, entry: ZipInfo) -> File:
    try:
        with archive.open(entry) as file:
            return read_content(file, entry.file_size)  # type: ignore[arg-type]
    except UNREADABLE:
        return File("", entry.file_size, "unreadable")


def read_content(file: BinaryIO, size: int) -> File:
    """Read a file to its end. It is text if it is valid UTF-8 without a NUL, and no longer than is compared."""
    digest, kept = sha256(), b""
    for chunk in chunks_of(file):
        digest.update(chunk)
        kept = kept + chunk if size <= MAX_TEXT_BYTES else b""
    if size > MAX_TEXT_BYTES:
        return File(digest.hexdigest(), size, "too long")
    if b"\0" in kept:
        return File(digest.hexdigest(), size, "binary")
    try:
        text = kept.decode("utf-8")
    except UnicodeDecodeError:
        return File(digest.hexdigest(), size, "not UTF-8")
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        return File(digest.hexdigest(), size, "too long")
    return File(digest.hexdigest(), size, text=tuple(lines))


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def show(line: str, *, cut: bool) -> str:
    """Return a line as it can be shown: what is invisible, or turns the direction of writing, is written out."""
    kept = line[:MAX_LINE] if cut else line
    return printable(kept.expandtabs(TAB)) + (f"… (+{len(line) - len(kept):,})" if len(kept) < len(line) else "")
