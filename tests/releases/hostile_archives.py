"""Hostile archives: what readers of ZIP were fooled by, and files that are none."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.authors.forged_archive import ForgedEntry, Forgery, entries_of
from tests.releases.hostile_case import Case, file_with, generator

NAMES = {
    b"../evil.py": "leads out of its folder",
    b"../../etc/cron.d/evil": "leads out of its folder",
    b"wheels/../../evil.whl": "leads out of its folder",
    b"wheels/..": "leads out of its folder",
    b"..": "leads out of its folder",
    b"./bundle.json": "leads out of its folder",
    b"wheels/./x.whl": "leads out of its folder",
    b"/etc/passwd": "is an absolute path",
    b"//host/share/x": "is an absolute path",
    b"C:/evil.exe": "is an absolute path, or one of Windows",
    b"C:evil.exe": "is an absolute path, or one of Windows",
    b"..\\evil.py": "is an absolute path, or one of Windows",
    b"wheels\\x.whl": "is an absolute path, or one of Windows",
    b"bundle.json:stream": "is an absolute path, or one of Windows",
    b"wheels/": "is a folder",
    b"nul\x00.json": "beyond printable ASCII",
    b"a\nb": "beyond printable ASCII",
    b"\x1b[2J": "beyond printable ASCII",
    "naïve.json".encode(): "beyond printable ASCII",
    "\u202egpj.exe".encode(): "beyond printable ASCII",
    b"CON": "is no part of a bundle",
    b"setup.py": "is no part of a bundle",
    b".env": "is no part of a bundle",
    b"wheels/x.whl.exe": "is no part of a bundle",
    b"wheels/sub/x-1-py3-none-any.whl": "is no part of a bundle",
    b"examples/UPPER.json": "is no part of a bundle",
    b"adapter/pytorch_model.bin": "is no part of a bundle",
    b"": "is no part of a bundle",
    b"x" * 201: "it may have 200",
}
SOURCES = (
    *("wheels/fruit-1.5.tar.gz", "wheels/fruit-1.5.zip", "wheels/fruit-1.5.tgz", "wheels/fruit-1.5.tar.bz2"),
    *("wheels/fruit-1.5.tar.xz", "wheels/fruit-1.5-py3.11.egg", "acme-tool-1.2.0.tar.gz", "source.zip"),
)


def cases(files: dict[str, bytes]) -> Iterator[Case]:
    """Yield them. files: those of a bundle that a store takes."""
    yield from named(files)
    yield from changed(files)
    yield from at_the_end(files)
    yield from cut_and_flipped(Forgery([*entries_of(files).values()]).content())
    yield from no_archives()


def made(kind: str, name: str, entries: Sequence[ForgedEntry], sentence: str, **end: object) -> Case:
    return Case(kind, name, file_with(Forgery([*entries], **end).content()), sentence)  # type: ignore[arg-type]


def named(files: dict[str, bytes]) -> Iterator[Case]:
    own = [*entries_of(files).values()]
    for name, sentence in NAMES.items():
        yield made("a name that leads elsewhere", repr(name), [*own, ForgedEntry(name, b"x")], sentence)
    for source in SOURCES:
        yield made("a source distribution", source, [*own, ForgedEntry(source.encode(), b"x")], "source distribution")
    for place, entry in enumerate(own):
        yield made("an entry twice", f"{place}", [*own, entry], "is in it twice")
        if place < 5:
            upper = replace(entry, name=entry.name.replace(b"wheels/", b"wheels/").swapcase())
            yield made("an entry twice", f"case {place}", [*own, upper], "one file where case|no part of a bundle")


def changed(files: dict[str, bytes]) -> Iterator[Case]:
    """Yield archives of which one entry says something else than it is."""
    random, own = generator("entries"), [*entries_of(files).values()]
    links = (stat.S_IFLNK | 0o777, stat.S_IFLNK | 0o644, stat.S_IFLNK)
    other_modes = (stat.S_IFREG | 0o4755, stat.S_IFDIR | 0o755, stat.S_IFIFO | 0o644, stat.S_IFREG | 0o666, 0)
    tricks: list[tuple[str, dict[str, object], str]] = [
        *(("a link", {"mode": mode}, "is a link") for mode in links),
        *(("another mode", {"mode": mode}, "times, modes or versions") for mode in other_modes),
        *(("compressed", {"method": method}, "is compressed") for method in (8, 9, 12, 14, 93, 99)),
        *(("encrypted", {"flags": flags}, "is encrypted") for flags in (1, 0x41, 0x2001)),
        ("other flags", {"flags": 8}, "in one way in the directory|times, modes"),
        ("other flags", {"flags": 0x800}, "in one way in the directory|times, modes"),
        ("two sizes", {"size": 1}, "has two sizes"),
        ("two sizes", {"size": 10**9}, "has two sizes"),
        ("a wrong size", {"packed": 10**8}, "overlaps another|reaches into"),
        ("a wrong size", {"packed": 0}, "data before"),
        ("a wrong checksum", {"crc": 0}, "is damaged"),
        ("an extra field", {"extra": b"\x01\x00\x00\x00"}, "extra fields"),
        ("an extra field", {"extra": struct.pack("<HHQ", 1, 8, 1 << 40)}, "extra fields"),
        ("another time", {"day": 0x5A21}, "described in one way"),
        ("another offset", {"offset": 0}, "overlaps another|data before"),
        ("another offset", {"offset": 2**31}, "overlaps another|data before"),
        ("data between entries", {"before": b"#!/bin/sh\n"}, "data before"),
        (
            "another name before the data",
            {"local": {"name": b"../x"}},
            "described in one way|overlaps another|data before",
        ),
        ("another size before the data", {"local": {"packed": 1}}, "described in one way"),
        ("another method before the data", {"local": {"method": 8}}, "described in one way"),
    ]
    for number, (kind, values, sentence) in enumerate(tricks):
        for place in random.sample(range(1, len(own)), 2):
            entries = [replace(entry, **values) if place == at else entry for at, entry in enumerate(own)]  # type: ignore[arg-type]
            yield made("a header that lies", f"{kind} {number}.{place}", entries, sentence)


def at_the_end(files: dict[str, bytes]) -> Iterator[Case]:
    own = [*entries_of(files).values()]
    ends: dict[str, tuple[dict[str, object], str]] = {
        "a comment": ({"comment": b"hello"}, "after its end, or a comment"),
        "a second end": ({"comment": b"PK\5\6" + bytes(18)}, "not where its end says|lacks|comment"),
        "a prefix": ({"prefix": b"#!/bin/sh\nexit\n"}, "data before"),
        "a program before it": ({"prefix": b"\x7fELF" + bytes(100)}, "data before"),
        "data before the directory": ({"before_directory": b"evil"}, "data before the directory"),
        "data in the directory": ({"in_directory": b"evil"}, "holds more than"),
        "a split archive": ({"disk": 1}, "split archive"),
        "fewer entries": ({"number": len(own) - 1}, "holds more than"),
        "more entries": ({"number": len(own) + 1}, "breaks off"),
        "65,535 entries": ({"number": 65_535}, "ZIP64"),
        "many entries": ({"number": 60_000}, "may have 2,000"),
        "no entries": ({"number": 0}, "holds more than"),
        "a directory elsewhere": ({"shift": 7}, "not where its end says"),
        "a directory before the file": ({"shift": -7}, "not where its end says"),
    }
    for name, (values, sentence) in ends.items():
        yield made("an end that lies", name, own, sentence, **values)


def cut_and_flipped(content: bytes) -> Iterator[Case]:
    random = generator("cuts")
    for length in (0, 1, 21, 22, 30, *random.sample(range(31, len(content)), 20), len(content) - 1):
        yield Case(
            "cut", f"{length}", file_with(content[:length]), "its end is missing|no ZIP|its end says|after its end"
        )
    for place in random.sample(range(len(content)), 40):
        flipped = content[:place] + bytes([content[place] ^ (1 << random.randrange(8))]) + content[place + 1 :]
        yield Case("a flipped bit", f"{place}", file_with(flipped), "")
    for number in range(1, 5):
        yield Case("data after the end", f"{number}", file_with(content + bytes(number * 1000)), "after its end|no ZIP")


def no_archives() -> Iterator[Case]:
    random, tar, other = generator("other"), io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../evil"))
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as archive64:
        archive64.writestr("bundle.json", "{}")
    found = {
        "nothing": b"",
        "a PDF": b"%PDF-1.7\n",
        "a program": b"\x7fELF" + bytes(500),
        "JSON": b'{"format": 1}',
        "a tar": tar.getvalue(),
        "a gzip": gzip.compress(tar.getvalue()),
        "the end alone": b"PK\5\6" + bytes(18),
        **{f"noise {number}": random.randbytes(1000 + 500 * number) for number in range(6)},
    }
    for name, content in found.items():
        yield Case("no archive of ours", name, file_with(content), "no ZIP archive|It lacks bundle.json")
    yield Case("no archive of ours", "another's ZIP", file_with(other.getvalue()), "is compressed")
