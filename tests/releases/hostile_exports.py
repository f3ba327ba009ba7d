"""Hostile exports: what is changed in one of a store, and the sentence by which it is refused."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from gptstore.releases.exports.signature import sign
from gptstore.sdk.bundle.checksums import write_checksums
from gptstore.sdk.bundle.format import CHECKSUMS, SIGNATURE
from gptstore.sdk.bundle.signing_key import SigningKey
from tests.authors.bundle_parts import files_of
from tests.authors.forged_archive import ForgedEntry, Forgery, entries_of

Files = dict[str, bytes]
Change = Callable[[Files], None]
LINK = 0o120777


@dataclass(frozen=True)
class HostileExport:
    """One change of an export. key: the one that signs what was changed; None leaves checksums and signature.

    at: when it was signed. trusted: the lines of the importing store's file, with {key} for the key of the export.
    """

    name: str
    sentence: str
    change: Change = field(default=lambda files: None)
    key: str | None = "own"
    at: timedelta = timedelta(0)
    trusted: str = "{key}"
    archive: Callable[[Files], bytes] | None = None

    def content(self, files: Files, keys: dict[str, SigningKey]) -> bytes:
        """Return the file. files: those of the honest export."""
        made = dict(files)
        self.change(made)
        if self.key:
            made[CHECKSUMS] = write_checksums(made)
            made[SIGNATURE] = sign(made[CHECKSUMS], keys[self.key], datetime.now(UTC) + self.at)
        return self.archive(made) if self.archive else archive_of(made)


def archive_of(files: Files) -> bytes:
    return Forgery([*entries_of({name: files[name] for name in sorted(files)}).values()]).content()


def part(files: Files, end: str, number: int = 0) -> str:
    """Return the name of a part of a release."""
    return sorted(name for name in files if name.startswith("releases/") and name.endswith(end))[number]


def put(name: str, content: bytes) -> Change:
    return lambda files: files.update({name: content})


def without(end: str) -> Change:
    def remove(files: Files) -> None:
        del files[end if end in files else part(files, end)]

    return remove


def header(**values: Any) -> Change:
    """Change `export.json`; None takes a member out."""
    return json_with("export.json", **values)


def record(**values: Any) -> Change:
    """Change the record of the first release."""
    return lambda files: json_with(part(files, ".json"), **values)(files)


def json_with(name: str, **values: Any) -> Change:
    def change(files: Files) -> None:
        made = json.loads(files[name]) | values
        files[name] = json.dumps({key: value for key, value in made.items() if value is not None}).encode()

    return change


def swap(end: str) -> Change:
    """Give each of two releases the part of the other."""

    def change(files: Files) -> None:
        one, other = part(files, end), part(files, end, 1)
        files[one], files[other] = files[other], files[one]

    return change


def replace_bundle(make: Callable[[bytes], bytes], *, told: bool) -> Change:
    """Put another bundle in place of the first one. told: whether its record and its name fit it."""

    def change(files: Files) -> None:
        name = part(files, ".gptx")
        content = make(files[name])
        if not told:
            files[name] = content
            return
        old, new = name.removeprefix("releases/").removesuffix(".gptx"), sha256(content).hexdigest()
        record = json.loads(files.pop(f"releases/{old}.json")) | {"sha256": new, "size": len(content)}
        del files[name]
        files[f"releases/{new}.gptx"], files[f"releases/{new}.json"] = content, json.dumps(record).encode()

    return change


def raw(change: Callable[[bytes], bytes]) -> Callable[[Files], bytes]:
    return lambda files: change(archive_of(files))


def forged(**values: Any) -> Callable[[Files], bytes]:
    """Return an archive of which one bundle's entry says something else than it is."""

    def make(files: Files) -> bytes:
        entries = entries_of({name: files[name] for name in sorted(files)})
        entry = entries[part(files, ".gptx")]
        for name, value in values.items():
            setattr(entry, name, value)
        return Forgery([*entries.values()]).content()

    return make


def more(*entries: ForgedEntry) -> Callable[[Files], bytes]:
    return lambda files: Forgery([*entries_of({one: files[one] for one in sorted(files)}).values(), *entries]).content()


def other_signature(**values: Any) -> Change:
    return json_with(SIGNATURE, **values)


def padded(files: Files) -> None:
    """Spell the Base64 of the key in another way, which has the same bytes."""
    text = json.loads(files[SIGNATURE])["key"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = text[:-2] + letters[letters.index(text[-2]) ^ 1] + "="
    assert base64.b64decode(other) == base64.b64decode(text) and other != text
    files[SIGNATURE] = files[SIGNATURE].replace(text.encode(), other.encode())


def cases() -> Iterator[HostileExport]:
    yield from archives()
    yield from parts()
    yield from keys()
    yield from contents()


def archives() -> Iterator[HostileExport]:
    one = "is no export that can be read"
    yield HostileExport("nothing", one, archive=lambda files: b"")
    yield HostileExport("a text", "is no ZIP archive", archive=lambda files: b"hello" * 1000)
    yield HostileExport(
        "half of it", "its end is missing|after its end", archive=raw(lambda content: content[: len(content) // 2])
    )
    yield HostileExport("one byte less", "its end is missing", archive=raw(lambda content: content[:-1]))
    yield HostileExport("one byte more", "after its end", archive=raw(lambda content: content + b"x"))
    yield HostileExport(
        "a byte before it",
        "data before",
        archive=lambda files: Forgery(
            [*entries_of({name: files[name] for name in sorted(files)}).values()], prefix=b"x"
        ).content(),
    )
    yield HostileExport(
        "its bundle alone", "is no part of an export", archive=lambda files: files[part(files, ".gptx")]
    )
    yield HostileExport("a bomb", "is compressed", archive=forged(method=8, size=10**9))
    yield HostileExport("a huge entry", "overlaps another|reaches into", archive=forged(size=2**31, packed=2**31))
    yield HostileExport("encrypted", "is encrypted", archive=forged(flags=1))
    yield HostileExport("a link", "is a link", archive=forged(mode=LINK))
    yield HostileExport("another time", "described in one way", archive=forged(day=0x5A21))
    yield HostileExport("a wrong CRC", "is damaged", archive=forged(crc=1))
    yield HostileExport(
        "two headers", "described in one way", archive=forged(local={"name": b"releases/" + b"0" * 64 + b".gptx"})
    )
    for name in (b"../evil", b"/etc/passwd", b"C:evil", b"releases/../x.gptx", b"releases/", b"releases\\x"):
        sentence = "leads out|absolute path|is a folder"
        yield HostileExport(f"the name {name.decode()}", sentence, archive=more(ForgedEntry(name, b"x")))
    for name in (
        b"setup.py",
        b"releases/x.gptx",
        b"releases/" + b"A" * 64 + b".gptx",
        b"wheels/a.whl",
        b"store.toml.bak",
    ):
        yield HostileExport(
            f"the part {name.decode()}", "is no part of an export", archive=more(ForgedEntry(name, b"x"))
        )
    yield HostileExport("a part twice", "is in it twice", archive=more(ForgedEntry(b"store.toml", b"")))
    yield HostileExport(
        "parts in another order",
        "order of their names",
        archive=lambda files: Forgery(
            [*entries_of({name: files[name] for name in sorted(files, reverse=True)}).values()]
        ).content(),
    )
    yield HostileExport(
        "60,000 entries",
        "may have 20,000",
        archive=lambda files: Forgery([*entries_of(files).values()], number=60_000).content(),
    )


def parts() -> Iterator[HostileExport]:
    for name in ("export.json", CHECKSUMS, SIGNATURE):
        yield HostileExport(f"without {name}", f"lacks {name}", without(name), key=None)
    yield HostileExport("without store.toml", "not made as the export of a store", without("store.toml"))
    yield HostileExport("a release without its record", r"It lacks releases/\w+\.json", without(".json"))
    yield HostileExport("a release without its bundle", r"It lacks releases/\w+\.gptx", without(".gptx"))
    yield HostileExport(
        "a part that nobody signed", "checksums.txt lacks", put(f"releases/{'0' * 64}.gptx", b"x"), key=None
    )
    yield HostileExport("a part that is missing", "which is not there", without("store.toml"), key=None)
    yield HostileExport("another store.toml", "store.toml is not what", put("store.toml", b"x = 1\n"), key=None)
    yield HostileExport("bundles swapped", "is not what checksums.txt says", swap(".gptx"), key=None)
    yield HostileExport("bundles swapped and signed", "is the bundle", swap(".gptx"))
    yield HostileExport("records swapped and signed", "is of another bundle", swap(".json"))
    yield HostileExport("checksums of others", "is no checksum", put(CHECKSUMS, b"hello\n"), key=None)
    yield HostileExport("no text", "is no text in UTF-8", put(CHECKSUMS, b"\xff"), key=None)
    yield HostileExport("a long header", "more than 4,000,000 bytes", put("export.json", b" " * 4_000_001))
    for version in (0, 2, "1", [1], 10**30):
        yield HostileExport(f"format {version}", "Update this store", header(format=version))
    yield HostileExport("no format", "does not say which format", put("export.json", b"{}"))
    yield HostileExport("deep JSON", "does not say which format", put("export.json", b"[" * 100_000))
    yield HostileExport("an unknown member", "colour", header(colour="red"))
    yield HostileExport("no time", "export.json cannot be read: at", header(at=None))
    yield HostileExport("a time of no zone", "timezone", header(at="2026-01-01T00:00:00"))
    yield HostileExport("another kind", "not made as the export of a release", header(kind="release"))
    yield HostileExport("an unknown kind", "export.json cannot be read: kind", header(kind="tool"))


def keys() -> Iterator[HostileExport]:
    changed = "Its signature does not fit it"
    yield HostileExport(
        "an earlier signature",
        changed,
        lambda files: files.update(
            {"store.toml": b"# changed\n", CHECKSUMS: write_checksums({**files, "store.toml": b"# changed\n"})}
        ),
        key=None,
    )
    yield HostileExport(
        "another key beside the signature", changed, other_signature(key=base64.b64encode(b"k" * 32).decode()), key=None
    )
    yield HostileExport("a short key", changed, other_signature(key="AAAA"), key=None)
    yield HostileExport("no Base64", changed, other_signature(key="é"), key=None)
    yield HostileExport(
        "another algorithm", "is no signature of an export", other_signature(algorithm="none"), key=None
    )
    yield HostileExport("an empty signature", changed, other_signature(signature=""), key=None)
    yield HostileExport(
        "another time beside the signature", changed, other_signature(at="2020-01-01T00:00:00Z"), key=None
    )
    yield HostileExport("the key in another spelling", changed, padded, key=None)
    yield HostileExport("the signature in another layout", changed, other_signature(), key=None)
    yield HostileExport("no JSON", "is no signature of an export", put(SIGNATURE, b"x"), key=None)
    yield HostileExport("a revoked key", "The key that signed it was revoked", trusted="{key}\nrevoked {key}")
    yield HostileExport("a key that is revoked, and trusted no more", "was revoked", trusted="revoked {key}")
    yield HostileExport(
        "a key after its last day", "after the last day of its key", trusted="{key} not_after=2026-01-01"
    )
    yield HostileExport("a broken file of keys", "a line that is no key", trusted="{key}\na b c")
    yield HostileExport("a revoked bundle", "It was revoked", trusted="{key}\nrevoked {bundle}")
    yield HostileExport(
        "a revoked bundle of an unknown store", "was revoked here", key="other", trusted="revoked {bundle}"
    )
    yield HostileExport(
        "releases that another store approved", "signed by a key that is not trusted", key="other", trusted="{other}"
    )


def contents() -> Iterator[HostileExport]:
    yield HostileExport("a record of another plugin", "does not fit|bundle is of", record(plugin="acme-other"))
    yield HostileExport("a record of another version", "does not fit|bundle is of", record(version="9.0"))
    yield HostileExport("a record of another size", "is of another bundle", record(size=1))
    yield HostileExport("a record without a signature", "cannot be read: signature", record(signature=None))
    yield HostileExport(
        "a signature of somebody",
        "signed by a key that is not trusted",
        record(signature={"key": "{key}", "at": "2026-01-01T00:00:00+00:00", "signature": "AAAA"}),
    )
    yield HostileExport("a record with much text", "cannot be read", record(plugin="x" * 5000))
    yield HostileExport(
        "a record that is a list", "cannot be read", lambda files: files.update({part(files, ".json"): b"[]"})
    )
    nul = {"by": "a\0", "approves": True, "at": "2026-01-01T00:00:00Z"}
    yield HostileExport("a decision of a NUL", "cannot be read: decisions.0.by", record(decisions=[nul]))
    yield HostileExport("a decision that is none", "cannot be read: decisions", record(decisions=[{"by": 1}]))
    yield HostileExport("a bundle that is none", "does not fit", replace_bundle(lambda content: b"x" * 100, told=True))
    yield HostileExport(
        "a bundle that was changed",
        "does not fit",
        replace_bundle(lambda content: content[:-30] + b"x" + content[-29:], told=True),
    )
    yield HostileExport(
        "a bundle that nobody told of", "is the bundle", replace_bundle(lambda content: content[:-1], told=False)
    )
    yield HostileExport("no TOML", "is no TOML", put("store.toml", b"[tools"))
    yield HostileExport("TOML that is no text", "is no text in UTF-8", put("store.toml", b"\xff"))
    yield HostileExport("deep TOML", "is no TOML|does not fit", put("store.toml", b"a = " + b"[" * 5000 + b"]" * 5000))
    yield HostileExport("an unknown table", "does not fit. people", put("store.toml", b"[people]\neve = 1\n"))
    yield HostileExport(
        "a version that is nowhere",
        "acme-tool 7 cannot be deployed",
        put("store.toml", b'[plugins.acme-tool]\nversion = "7"\n'),
    )
    yield HostileExport(
        "a plugin that is nowhere", "no plugin nothing", put("store.toml", b'[plugins.nothing]\nversion = "7"\n')
    )
    yield HostileExport(
        "a tool that is nowhere", "no tool nothing", put("store.toml", b"[tools.nothing]\nenabled = true\n")
    )
    yield HostileExport(
        "settings of a tool without",
        "has no settings",
        put("store.toml", b'[plugins.acme-tool]\nversion="1.0"\n[tools.say]\nsettings = { a = 1 }\n'),
    )
    yield HostileExport(
        "limits beyond",
        "tools.say.limits",
        put("store.toml", b'[plugins.acme-tool]\nversion="1.0"\n[tools.say]\nlimits = { max_seconds = -1 }\n'),
    )
    yield HostileExport(
        "a NUL in a group",
        "does not fit. tools.say.groups",
        put("store.toml", b'[tools.say]\nvisibility = "groups"\ngroups = ["a\\u0000"]\n'),
    )


def read_export(path: Path) -> Files:
    return files_of(path)
