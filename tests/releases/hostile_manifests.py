"""Hostile descriptions: bundles whose header, manifest, lock or names want more than a store allows."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gptstore.sdk.declaration import Example
from tests.authors.bundle_parts import Change, write_changed
from tests.releases.hostile_case import Case, Plan

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"word": {"type": "string"}}}
SCRIPT = (
    "data:image/svg+xml;base64,"
    + base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>').decode()
)


def schema(**changes: Any) -> dict[str, Any]:
    return {**SCHEMA, **changes}


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        found = {"type": "array", "items": found}
    return schema(properties={"word": found})


TOOLS: list[tuple[str, dict[str, Any], str]] = [
    ("a card", {"title": ""}, "title:"),
    ("a card", {"title": "x" * 81}, "title:"),
    ("a card", {"title": "x" * 100_000}, "title:"),
    ("a card", {"summary": "x" * 301}, "summary:"),
    ("a card", {"summary": ""}, "summary:"),
    ("a card", {"slug": ""}, "is no slug"),
    ("a card", {"slug": "../../admin"}, "is no slug"),
    ("a card", {"slug": "Say"}, "is no slug"),
    ("a card", {"slug": "sag-é"}, "is no slug"),
    ("a card", {"slug": "a" * 51}, "is no slug"),
    ("a card", {"category": "../x"}, "is no category"),
    ("a card", {"category": "<script>"}, "is no category"),
    ("a card", {"title": "a\0b"}, "NUL"),
    ("a card", {"description": "\0"}, "NUL"),
    ("a card", {"language": "x" * 41}, "language:"),
    ("a card", {"max_seconds": -1}, "max_seconds:"),
    ("a card", {"max_memory_mb": -5}, "limits:"),
    ("a card", {"max_output_bytes": 0}, "limits:"),
    ("an icon", {"icon": SCRIPT}, "icon of say"),
    ("an icon", {"icon": "https://evil.example/x.svg"}, "icon of say"),
    ("an icon", {"icon": "data:text/html;base64,PGI+"}, "neither an SVG nor a PNG"),
    ("an icon", {"icon": "data:image/png;base64,AAAA"}, "neither an SVG nor a PNG"),
    ("an icon", {"icon": "data:image/svg+xml;base64,?"}, "not written in Base64"),
    ("a schema", {"input_schema": {}}, "is of no object"),
    ("a schema", {"input_schema": {"type": "array"}}, "is of no object"),
    ("a schema", {"input_schema": {"type": "object", "properties": []}}, "is no JSON Schema"),
    ("a schema", {"input_schema": schema(type="objekt")}, "is no JSON Schema|is of no object"),
    ("a schema", {"input_schema": schema(properties={"word": {"$ref": "#"}})}, r"has \$ref"),
    ("a schema", {"input_schema": schema(properties={"a": {"$ref": "https://evil.example/"}})}, r"has \$ref"),
    ("a schema", {"input_schema": schema(**{"$defs": {}})}, r"has \$defs"),
    ("a schema", {"input_schema": schema(**{"$dynamicRef": "#x"})}, r"has \$dynamicRef"),
    ("a schema", {"input_schema": schema(properties={"word": {"type": 5}})}, "is no JSON Schema"),
    ("a schema", {"input_schema": schema(required="word")}, "is no JSON Schema"),
    ("a schema", {"input_schema": nested(50)}, "is nested too deeply"),
    ("a schema", {"input_schema": nested(12)}, "is nested too deeply"),
    ("a schema", {"settings_schema": {"type": "string"}}, "its settings_schema is of no object"),
    ("an example", {"examples": [Example("A word", {"word": 5})]}, "does not fit"),
    ("an example", {"examples": [Example("A word", {"other": "x"})]}, "does not fit"),
    ("an example", {"examples": [Example("A word", {"word": ["x"]})]}, "does not fit"),
    ("the network", {"network": True}, "network=True has no reason"),
    ("the network", {"network": True, "description": "Network: yes"}, "network=True has no reason"),
    ("a look-alike", {"slug": "summarlzer", "title": "Say"}, "mistaken for the built-in tool 'summarizer'"),
    ("a look-alike", {"slug": "translatro", "title": "Say"}, "mistaken for the built-in tool 'translator'"),
    ("a look-alike", {"title": "Summarizer"}, "mistaken for that of the built-in tool"),
    ("a look-alike", {"title": "Trans1ator"}, "mistaken for that of the built-in tool"),
    ("a look-alike", {"title": "Ѕummarizer"}, "mistaken for that of the built-in tool"),
    ("a look-alike", {"slug": "weather-repart", "title": "Say"}, "mistaken for the tool 'weather-report'"),
    ("a look-alike", {"slug": "weatherreport", "title": "Say"}, "mistaken for the tool 'weather-report'"),
    ("a look-alike", {"title": "Weather rep0rt"}, "mistaken for that of the tool 'weather report'"),
    ("a look-alike", {"slug": "tide-tab1es", "title": "Say"}, "mistaken for the tool 'tide-tables'"),
    ("a look-alike", {"title": "Sаy"}, "a word of letters of two alphabets"),
    ("a look-alike", {"title": "Say\u202eyas"}, "invisible character U[+]202E"),
    ("a look-alike", {"summary": "Say\u200b it"}, "invisible character U[+]200B"),
    ("a slug that is taken", {"slug": "summarizer"}, "belongs to the plugin gptstore-summarizer"),
    ("a slug that is taken", {"slug": "chat"}, "belongs to the plugin gptstore-chat"),
    ("a slug that is taken", {"slug": "weather-report"}, "belongs to the plugin bobs-weather"),
    ("a slug that is taken", {"slug": "tide-tables"}, "belongs to the plugin bobs-tides"),
]
PLANS: list[tuple[str, str, Plan, str]] = [
    *(
        ("a version again", version, Plan(version=version), "the version in pyproject.toml")
        for version in ("1.0", "1", "1.0.0", "1.0.0.0", "2.0rc1", "2.0.0rc1")
    ),
    *(
        ("a name that is no name", name, Plan(name=name), "is no name of a package")
        for name in ("acme-",)
    ),
    ("a version that is none", "latest", Plan(version="latest"), "'latest0' is no version"),
    ("a version that is none", "1.x", Plan(version="1.x"), "is no version"),
    ("somebody else's", "bobs-tides", Plan(name="bobs-tides"), "bobs-tides is somebody else's"),
    ("somebody else's", "bobs-weather", Plan(name="bobs-weather"), "bobs-weather is the operator's"),
    ("somebody else's", "gptstore-summarizer", Plan(name="gptstore-summarizer"), "is the operator's"),
    ("somebody else's", "gptstore-qa", Plan(name="gptstore-qa"), "is the operator's"),
    ("a look-alike", "gptstore-summariser", Plan(name="gptstore-summariser"), "mistaken for gptstore-summarizer"),
    ("a look-alike", "gptstore-sdkk", Plan(name="gptstore-sdkk"), "mistaken for gptstore-sdk"),
    ("a look-alike", "bobs-weathr", Plan(name="bobs-weathr"), "mistaken for bobs-weather"),
    ("a look-alike", "gptstore-base-model-aids", Plan(name="gptstore-base-model-aids"), "one of the store's own"),
    *(
        ("a platform", repr(names), Plan(header={"platforms": names}), sentence)
        for names, sentence in (
            ([], "names 0 platforms"),
            (["linux-x86_64-cp311"] * 21, "names 21 platforms"),
            (["plan9"], "There is no platform"),
            (["linux-x86_64-cp311", "../x"], "There is no platform"),
            (["windows-x86_64-cp311"], "the fleet has"),
            (["macos-arm64-cp312"], "the fleet has"),
            (["linux-x86_64-cp39"], "the fleet has"),
        )
    ),
    *(
        ("a platform", tag, Plan(other_tag=tag), "no platform of the bundle takes this wheel|has no wheel for")
        for tag in ("cp311-cp311-win_amd64", "cp312-cp312-manylinux_2_17_x86_64", "cp311-cp311-macosx_11_0_arm64",
                    "py2-none-any", "cp311-cp311-manylinux_2_39_x86_64", "cp311-cp311-linux_aarch64")
    ),
    ("a platform", "a plugin for one", Plan(tag="cp311-cp311-manylinux_2_17_x86_64"), "is for one platform only"),
    ("a marker", "that never holds", Plan(marker=" ; python_version < '3'"), "requires fruit, which is not in the"),
    ("a marker", "that is none", Plan(marker=" ; import os"), "is none"),
    *(
        ("a dependency", line, Plan(requires=("fruit>=1", "gptstore-sdk", line)), sentence)
        for line, sentence in (
            ("evil @ https://evil.example/evil.whl", "comes from an address of its own"),
            ("evil @ git+ssh://evil.example/x", "comes from an address of its own"),
            ("gptstore", "requires the store itself"),
            ("django<5", "clashes with the fleet"),
            ("pydantic<2", "clashes with the fleet"),
            ("torch==1.0", "clashes with the fleet"),
            ("missing>=1", "requires missing, which is not in the bundle"),
            ("--index-url https://evil.example", "is no requirement"),
            ("fruit>=9", "and the bundle has fruit 1.5"),
        )
    ),
    ("a dependency", "no SDK", Plan(requires=("fruit",)), "does not require gptstore-sdk"),
    ("a dependency", "another SDK", Plan(header={"sdk": "9.9"}), "names gptstore-sdk 9.9, and has 0.1.0"),
    ("a dependency", "absent", Plan(is_there=False), "requires fruit, which is not in the bundle"),
    ("no tool", "none", Plan(plugin={"tools": []}), "offers no tool"),
]  # fmt: skip


def cases(bundle: Path) -> Iterator[Case]:
    """Yield them. bundle: one that a store takes."""
    for number, (kind, changes, sentence) in enumerate(TOOLS):
        examples = {"examples": []} if {"input_schema", "slug"} & {*changes} else {}
        yield Case(kind, f"{number} {[*changes]}", Plan(tool={**examples, **changes}).write, sentence)
    for kind, name, plan, sentence in PLANS:
        yield Case(kind, name, plan.write, sentence)
    for number, (kind, change, sentence) in enumerate(changes_of_parts()):
        yield Case(kind, f"{number}", changed(bundle, change), sentence)


def changed(bundle: Path, change: Change) -> Any:
    return lambda folder: write_changed(bundle, folder / "bundle.gptx", change)


def changes_of_parts() -> Iterator[tuple[str, Change, str]]:
    """Yield bundles of which one part is missing, or is another thing, with checksums that fit."""
    parts = ("bundle.json", "manifest.json", "requirements.txt", "sbom.cdx.json", "checksums.txt")
    for name in parts:
        yield "a missing part", dropped(name), f"It lacks {name}"
        if name != "checksums.txt":
            for content in (b"", b"null", b"[" * 100_000, b"\xff", b'{"a": NaN}', b"{}"):
                yield "a part that is another thing", put(name, content), f"{name}|which format|does not name"
    for number in (0, 2, "1", None, 1.5):
        yield "another format", of_format(number), "It has the format|does not say which format"
    for line in (
        b"-r other.txt\n",
        b"-e .\n",
        b"fruit\n",
        b"fruit==1.5\n",
        b"fruit==1.5 --hash=md5:00\n",
        b"http://x/\n",
    ):
        yield "a lock", put("requirements.txt", line), "which is no `name==version"
    for content in (b"{}", b"x", b'{"algorithm": "none", "key": "", "signature": ""}'):
        yield "a signature", put("signature.json", content), "signature.json"


def put(name: str, content: bytes) -> Change:
    return lambda files: files.update({name: content})


def dropped(name: str) -> Change:
    return lambda files: files.pop(name) and None


def of_format(number: object) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files["bundle.json"] = json.dumps({**json.loads(files["bundle.json"]), "format": number}).encode()

    return change
