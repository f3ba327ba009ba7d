"""A bundle whose archive is in order, and whose parts are not, is refused by a sentence about the part."""

import io
import json
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile, ZipInfo

import pytest
from packaging.version import Version

from gptstore.sdk.bundle.archive_writer import write_archive
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.entry import END, END_MARK
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.signature import sign
from gptstore.sdk.bundle.signing_key import SigningKey
from gptstore.sdk.bundle.version import canonical_version
from gptstore.sdk.bundle.wheel import read_wheel
from tests.authors.bundle_parts import Change, files_of, replace_wheel, safetensors, write_changed, write_small_bundle

FRUIT = "wheels/fruit-1.5-py3-none-any.whl"
INFO = "fruit-1.5.dist-info"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_bundle(tmp_path_factory.mktemp("bundle"))


def put(name: str, content: str | bytes) -> Change:
    return lambda files: files.update({name: content.encode() if isinstance(content, str) else content})


def drop(name: str) -> Change:
    return lambda files: files.pop(name) and None


def edit(name: str, old: str, new: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        assert old.encode() in files[name]
        files[name] = files[name].replace(old.encode(), new.encode())

    return change


def wheel(build: Callable[[ZipFile], None], metadata: str = "Name: fruit\nVersion: 1.5\n") -> Change:
    """Put another wheel in the place of one, with its hash in the lock."""

    def change(files: dict[str, bytes]) -> None:
        memory = io.BytesIO()
        with ZipFile(memory, "w", ZIP_DEFLATED) as archive:
            archive.writestr(f"{INFO}/METADATA", metadata)
            build(archive)
        replace_wheel(files, FRUIT, memory.getvalue())

    return change


def a_link(archive: ZipFile) -> None:
    entry = ZipInfo("fruit.py")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, "/etc/passwd")


def adapter(config: bytes, weights: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files["adapter/adapter_config.json"] = config
        files["adapter/adapter_model.safetensors"] = weights

    return change


def frame(header: bytes, data: bytes = b"") -> bytes:
    """Return a file of safetensors with this header."""
    return len(header).to_bytes(8, "little") + header + data


def with_a_name_twice(archive: ZipFile) -> None:
    archive.writestr("fruit.py", "1")
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("fruit.py", "2")


def rename(files: dict[str, bytes]) -> None:
    files["wheels/fruit.whl"] = files.pop(FRUIT)


LORA = json.dumps({"peft_type": "LORA", "r": 8}).encode()
WEIGHTS = safetensors({"layer.lora_A": 4, "layer.lora_B": 8})
NO_TENSORS = "adapter_model.safetensors is no safetensors file"

CHANGES: dict[str, tuple[Change, str]] = {
    **{
        f"no {name}": (drop(name), f"It lacks {re.escape(name)}")
        for name in ("bundle.json", "manifest.json", "requirements.txt", "sbom.cdx.json", "checksums.txt")
    },
    "a later format": (edit("bundle.json", '"format": 1', '"format": 2'), "It has the format 2; this gptstore reads"),
    "no format": (put("bundle.json", "[]"), "does not say which format"),
    "a header with more": (edit("bundle.json", '"sdk"', '"run": "x", "sdk"'), "bundle.json cannot be read: run"),
    "a deep header": (put("bundle.json", "[" * 100_000), "does not say which format"),
    "another version": (edit("bundle.json", '"1.2.0"', '"1.3.0"'), "manifest.json is of acme-tool 1.2.0, bundle.json"),
    "a version with more than a version": (
        edit("bundle.json", '"1.2.0"', '"1.2.0\\n"'),
        r"bundle.json of acme-tool 1.2.0\\n",
    ),
    "a name that is a path": (edit("bundle.json", '"acme-tool"', '"../acme-tool"'), "bundle.json of ../acme-tool"),
    "a name that moves the cursor": (
        edit("bundle.json", '"acme-tool"', '"\\u001b[2Jx"'),
        r"bundle.json of \\x1b\[2Jx 1.2.0",
    ),
    "no manifest in it": (put("manifest.json", "{}"), "manifest.json cannot be read: name: Field required"),
    "a manifest with more": (edit("manifest.json", '"tools"', '"x": 1, "tools"'), "manifest.json cannot be read: x"),
    "a long manifest": (put("manifest.json", " " * 4_000_001), "manifest.json has more than 4,000,000 bytes"),
    "a lock that is no text": (put("requirements.txt", b"\xff\xfe"), "requirements.txt is no text in UTF-8"),
    "a lock without a hash": (put("requirements.txt", "fruit==1.5\n"), "'fruit==1.5', which is no `name==version"),
    "an option in the lock": (
        put("requirements.txt", "--index-url https://evil.example/simple\n"),
        "'--index-url https://evil.example/simple', which is no",
    ),
    "an address in the lock": (put("requirements.txt", "fruit @ https://evil.example/a.whl\n"), "is no `name==version"),
    "a wheel that is not locked": (
        put("wheels/more-1-py3-none-any.whl", b"x"),
        "more-1-py3-none-any.whl cannot be read",
    ),
    "a hash of no wheel": (
        put("requirements.txt", f"fruit==1.5 --hash=sha256:{'0' * 64}\n"),
        "requirements.txt does not name acme_tool-1.2.0-py3-none-any.whl with its hash",
    ),
    "a package without a wheel": (
        lambda files: files.update(
            {"requirements.txt": files["requirements.txt"] + f"x==1 --hash=sha256:{'0' * 64}\n".encode()}
        ),
        "requirements.txt names x 1 with a hash that no wheel in it has",
    ),
    "a bill of another kind": (edit("sbom.cdx.json", "CycloneDX", "SPDX"), "is no bill of materials in CycloneDX 1.6"),
    "a bill that is a list": (put("sbom.cdx.json", "[1]"), "is no bill of materials"),
    "a bill that lacks one": (edit("sbom.cdx.json", '"name": "fruit"', '"name": "x"'), "does not name fruit"),
    "an example of no tool": (
        put("examples/other.json", "[]"),
        "examples/other.json is of a tool that the plugin does not",
    ),
    "an example that is no JSON": (put("examples/say.json", "x"), "examples/say.json is no JSON"),
    "a signature that is none": (put("signature.json", "{}"), "signature.json is no Ed25519 signature"),
    "a signature in no base64": (
        put("signature.json", '{"algorithm": "ed25519", "key": "?", "signature": "?"}'),
        "signature.json is no Ed25519 signature",
    ),
    "a short key": (
        put("signature.json", '{"algorithm": "ed25519", "key": "AAAA", "signature": "AAAA"}'),
        "a key or a signature of a wrong length",
    ),
    "half an adapter": (put("adapter/adapter_config.json", LORA), "Its adapter has adapter/adapter_config.json only"),
    "an adapter of another kind": (adapter(b'{"peft_type": "IA3"}', WEIGHTS), "no configuration of a LoRA adapter"),
    "an adapter with code": (adapter(b'{"peft_type": "LORA", "auto_mapping": {"a": "b"}}', WEIGHTS), "code of its own"),
    "a pickle by another name": (adapter(LORA, b"\x80\x04K\x01." + bytes(100)), NO_TENSORS),
    "weights that are cut": (adapter(LORA, WEIGHTS[:-1]), NO_TENSORS),
    "weights with more": (adapter(LORA, WEIGHTS + b"\x80\x04K\x01."), NO_TENSORS),
    "weights with another header": (adapter(LORA, frame(b"not json")), NO_TENSORS),
    "weights with a gap": (
        adapter(LORA, frame(b'{"a": {"data_offsets": [0, 1]}, "b": {"data_offsets": [2, 3]}}', b"abc")),
        NO_TENSORS,
    ),
    "weights without a header": (adapter(LORA, b""), NO_TENSORS),
    "a wheel that is none": (lambda files: replace_wheel(files, FRUIT, b"no"), f"{FRUIT[7:]} cannot be read"),
    "a wheel with a file twice": (wheel(with_a_name_twice), "holds 'fruit.py' twice"),
    "a wheel with many files": (
        wheel(lambda archive: [archive.writestr(f"{number:x}", b"") for number in range(50_001)] and None),
        "has 50,002 files; a wheel may have 50,000",
    ),
    "a wheel with a broken directory": (
        lambda files: replace_wheel(files, FRUIT, bytes(46) + END.pack(END_MARK, 0, 0, 1, 1, 46, 0, 0)),
        "cannot be read: Bad magic number for central directory",
    ),
    "a wheel by a short name": (rename, "fruit.whl is not how a wheel is named"),
    "a wheel of another name": (wheel(lambda archive: None, "Name: pear\nVersion: 1.5\n"), "that it is pear 1.5"),
    "a wheel without metadata": (
        lambda files: replace_wheel(files, FRUIT, b"PK\5\6" + bytes(18)),
        "has no metadata, more than one, or too long ones",
    ),
    "a wheel that is a bomb": (wheel(lambda archive: archive.writestr("fruit.py", bytes(50_000_000))), "unpacks from"),
    "a wheel with a way out": (wheel(lambda archive: archive.writestr("../x.py", "")), "'../x.py', which leads out"),
    "a wheel with an absolute path": (wheel(lambda archive: archive.writestr("/x.py", "")), "'/x.py', which leads out"),
    "a wheel compressed in another way": (
        wheel(lambda archive: archive.writestr("fruit.py", "x" * 999, ZIP_LZMA)),
        "'fruit.py', which is compressed as wheels never are",
    ),
    "a wheel with a link": (wheel(a_link), "holds 'fruit.py', which is a link"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_part_that_is_wrong_is_named(name: str, bundle: Path, tmp_path: Path) -> None:
    change, sentence = CHANGES[name]
    path = write_changed(bundle, tmp_path / "changed.gptx", change)

    with pytest.raises(BundleError) as caught:
        Bundle.open(path)

    assert re.search(sentence, str(caught.value)), caught.value
    assert [*tmp_path.iterdir()] == [path]  # nothing was unpacked


def write(bundle: Path, target: Path, change: Change) -> Path:
    """Write the bundle with other files, and with the checksums that it had."""
    files = files_of(bundle)
    change(files)
    write_archive(target, files)
    return target


CHECKSUM_CHANGES: dict[str, tuple[Change, str]] = {
    "other content": (
        edit("manifest.json", "Says a word", "Says awords"),
        "manifest.json is not what checksums.txt says",
    ),
    "one entry more": (put("examples/more.json", "[]"), "checksums.txt lacks examples/more.json"),
    "one entry less": (drop("examples/say.json"), "checksums.txt names examples/say.json, which is not there"),
    "no checksum": (edit("checksums.txt", "  bundle.json", " *bundle.json"), "which is no checksum, or a second one"),
    "a way out": (edit("checksums.txt", "bundle.json", "../bundle.json"), "checksums.txt lacks bundle.json"),
    "a name twice": (
        lambda files: files.update({"checksums.txt": files["checksums.txt"] + files["checksums.txt"][:78]}),
        "which is no checksum, or a second one",
    ),
}


@pytest.mark.parametrize("name", CHECKSUM_CHANGES)
def test_what_checksums_do_not_cover_is_refused(name: str, bundle: Path, tmp_path: Path) -> None:
    change, sentence = CHECKSUM_CHANGES[name]

    with pytest.raises(BundleError, match=sentence):
        Bundle.open(write(bundle, tmp_path / "changed.gptx", change))


def test_a_signature_of_other_checksums_is_refused(bundle: Path, tmp_path: Path) -> None:
    # Given a signed bundle, of which somebody changed a part, and the checksums with it
    key = SigningKey.create(tmp_path / "key")
    signed = write_small_bundle(tmp_path / "signed", key)
    path = write_changed(signed, tmp_path / "changed.gptx", edit("manifest.json", "Says a word", "Says a lie"))
    # Then it is refused
    with pytest.raises(BundleError, match="somebody changed it after it was signed"):
        Bundle.open(path)


def test_a_signature_by_another_key_is_refused(bundle: Path, tmp_path: Path) -> None:
    # Given a signature whose public key somebody exchanged
    mine, yours = SigningKey.create(tmp_path / "mine"), SigningKey.create(tmp_path / "yours")
    signature = sign(files_of(bundle)["checksums.txt"], mine).replace(mine.public.encode(), yours.public.encode())

    with pytest.raises(BundleError, match="Its signature is not one of its checksums"):
        Bundle.open(write(bundle, tmp_path / "changed.gptx", put("signature.json", signature)))


def test_a_file_that_changes_while_it_is_unpacked_leaves_nothing(bundle: Path, tmp_path: Path) -> None:
    # Given a bundle that was verified
    path = tmp_path / "a.gptx"
    path.write_bytes(bundle.read_bytes())
    with Bundle.open(path) as opened:
        # When somebody changes the file before it is unpacked
        entry = opened.archive.entries["manifest.json"]
        with path.open("r+b") as file:
            file.seek(entry.data_offset)
            file.write(b"?")
        opened.archive.file.seek(0, 2)
        # Then nothing of it stays
        with pytest.raises(BundleError, match=r"manifest\.json changed while it was unpacked"):
            opened.unpack(tmp_path / "releases" / "acme-tool-1.2.0")
    assert [*(tmp_path / "releases").iterdir()] == []


def test_hashes_are_those_of_the_wheels(bundle: Path) -> None:
    with Bundle.open(bundle) as opened:
        files = files_of(bundle)
        assert {wheel.sha256 for wheel in opened.wheels} == {
            sha256(data).hexdigest() for name, data in files.items() if name.startswith("wheels/")
        }


def test_no_changed_byte_of_a_wheel_raises_another_error(bundle: Path) -> None:
    content = files_of(bundle)["wheels/acme_tool-1.2.0-py3-none-any.whl"]
    for place in range(len(content)):
        changed = content[:place] + bytes([content[place] ^ 0x21]) + content[place + 1 :]
        with suppress(BundleError):
            read_wheel(io.BytesIO(changed), "acme_tool-1.2.0-py3-none-any.whl", len(changed), "")


def test_a_wheel_with_a_long_directory_is_not_read() -> None:
    content = bytes(20_000_000) + END.pack(END_MARK, 0, 0, 9, 9, 20_000_000, 0, 0)

    with pytest.raises(BundleError, match="has a directory of 20,000,000 bytes"):
        read_wheel(io.BytesIO(content), "fruit-1.5-py3-none-any.whl", len(content), "")


@pytest.mark.parametrize(
    "version",
    [
        *("1.0", "2024.04.01", "1.0.0-beta", "1.0.0b0", "1.0-1", "1.0.post1", "1.0a1.dev3", "1!2.0", "v1.0", "0.0.0"),
        *("1.0+CPU.1-x", "1.0.RC1", "1.0_rc_2", "1.0c1", "1.0rev4", "1.0.dev", "1.0post", "1.0preview3"),
    ],
)
def test_versions_are_compared_as_packaging_does(version: str) -> None:
    assert canonical_version(version) == str(Version(version))
