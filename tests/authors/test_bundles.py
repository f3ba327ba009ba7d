"""A bundle holds what it was made of, is the same file each time, and unpacks to a release."""

import json
import os
import shutil
import subprocess
from importlib.resources import files as resources
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from gptstore.sdk.bundle.adapter import find_adapter
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.errors import AdapterError, BundleError, SigningKeyError
from gptstore.sdk.bundle.signing_key import SigningKey
from tests.authors.bundle_parts import files_of, safetensors, write_small_bundle
from worker.hosts.releases.release import Release
from worker.hosts.releases.wheels import check_wheels

LORA = json.dumps({"peft_type": "LORA", "r": 8})


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_small_bundle(tmp_path / "bundle")


def test_it_holds_what_it_was_made_of(bundle: Path) -> None:
    with Bundle.open(bundle) as opened:
        contents = opened.contents
        assert contents.header.file_name == bundle.name == "acme-tool-1.2.0.gptx"
        assert contents.manifest.tools[0].slug == "say"
        assert [wheel.name for wheel in opened.wheels] == ["acme-tool", "fruit", "gptstore-sdk"]
        assert {pin.name: pin.version for pin in contents.pins}["fruit"] == "1.5"
        assert opened.signature is None
        assert json.loads(opened.archive.read("examples/say.json")) == [{"title": "A word", "input": {"word": "hé"}}]


def test_it_is_the_same_file_each_time(bundle: Path, tmp_path: Path) -> None:
    # Given the same parts in another folder, under another umask, some days later
    old = os.umask(0o077)
    try:
        again = write_small_bundle(tmp_path / "again")
    finally:
        os.umask(old)

    assert again.read_bytes() == bundle.read_bytes()
    assert again.stat().st_mode & 0o777 == 0o644


def test_other_programs_read_it(bundle: Path) -> None:
    with ZipFile(bundle) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


def test_its_checksums_are_read_by_sha256sum(bundle: Path, tmp_path: Path) -> None:
    with Bundle.open(bundle) as opened:
        opened.unpack(tmp_path / "release")

    subprocess.run(["sha256sum", "--check", "--strict", "checksums.txt"], cwd=tmp_path / "release", check=True)


def test_unpacked_it_is_a_release_that_workers_accept(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "releases" / "acme-tool-1.2.0"
    with Bundle.open(bundle) as opened:
        opened.unpack(folder)

    Release(folder).check()
    check_wheels(folder / "wheels")
    assert {path.name for path in folder.parent.iterdir()} == {"acme-tool-1.2.0"}
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in folder.rglob("*"))
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_release_that_is_there_is_not_replaced(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "mine").touch()
    with Bundle.open(bundle) as opened, pytest.raises(OSError):
        opened.unpack(folder)

    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".unpacking")]


def schema(name: str) -> Any:
    """Return a schema of CycloneDX, as its library for Python ships it."""
    text = resources("cyclonedx.schema._res").joinpath(f"{name}.SNAPSHOT.schema.json").read_text()
    return json.loads(text)


def test_its_bill_of_materials_is_cyclonedx(bundle: Path) -> None:
    known = [(name, Resource.from_contents(schema(name))) for name in ("spdx", "jsf-0.82", "cryptography-defs")]
    registry: Registry[Any] = Registry().with_resources(
        [(f"http://cyclonedx.org/schema/{name}.schema.json", one) for name, one in known]
    )
    document = json.loads(files_of(bundle)["sbom.cdx.json"])

    assert [*Draft7Validator(schema("bom-1.6"), registry=registry).iter_errors(document)] == []
    assert document["metadata"]["component"]["purl"] == "pkg:pypi/acme-tool@1.2.0"
    needed = {"ref": "pkg:pypi/acme-tool@1.2.0", "dependsOn": ["pkg:pypi/fruit@1.5", "pkg:pypi/gptstore-sdk@0.1.0"]}
    assert needed in document["dependencies"]
    assert "serialNumber" not in document and "timestamp" not in document["metadata"]


def test_a_signature_holds_and_names_its_key(tmp_path: Path) -> None:
    key = SigningKey.create(tmp_path / "acme")

    with Bundle.open(write_small_bundle(tmp_path / "bundle", key)) as opened:
        assert opened.signature is not None
        assert opened.signature.key == (tmp_path / "acme.pub").read_text().strip()
        assert len(opened.signature.fingerprint.split()) == 8


def test_a_signed_bundle_is_the_same_each_time(tmp_path: Path) -> None:
    key = SigningKey.create(tmp_path / "acme")
    first, second = (write_small_bundle(tmp_path / name, SigningKey.read(tmp_path / "acme")) for name in "ab")

    assert first.read_bytes() == second.read_bytes()
    assert files_of(first).keys() - files_of(write_small_bundle(tmp_path / "c")).keys() == {"signature.json"}
    assert key.public == SigningKey.read(tmp_path / "acme").public


def test_a_private_key_is_for_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    SigningKey.create(tmp_path / "acme")
    before = (tmp_path / "acme").read_bytes()

    assert (tmp_path / "acme").stat().st_mode & 0o777 == 0o600
    assert load_pem_private_key(before, None)
    with pytest.raises(SigningKeyError, match="is there already"):
        SigningKey.create(tmp_path / "acme")
    assert (tmp_path / "acme").read_bytes() == before


def test_what_is_no_key_is_said(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("secret")
    subprocess.run(["openssl", "genpkey", "-algorithm", "X25519", "-out", tmp_path / "other"], check=True)

    with pytest.raises(SigningKeyError, match="is no private key"):
        SigningKey.read(tmp_path / "text")
    with pytest.raises(SigningKeyError, match="another kind than Ed25519"):
        SigningKey.read(tmp_path / "other")
    with pytest.raises(SigningKeyError, match="`gptstore keys new` makes one"):
        SigningKey.read(tmp_path / "none")


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_config.json").write_text(LORA)
    (folder / "adapter_model.safetensors").write_bytes(safetensors({"layer.lora_A": 4, "layer.lora_B": 8}))
    (folder / "README.md").touch()
    return folder


def test_an_adapter_travels_without_the_rest_of_its_folder(adapter: Path, tmp_path: Path) -> None:
    with Bundle.open(write_small_bundle(tmp_path / "bundle", adapter=find_adapter(adapter))) as opened:
        names = [name for name in opened.archive.entries if name.startswith("adapter/")]
        assert names == ["adapter/adapter_config.json", "adapter/adapter_model.safetensors"]


def test_the_weights_that_the_safetensors_library_writes_are_accepted(adapter: Path) -> None:
    numpy = pytest.importorskip("numpy")
    from safetensors.numpy import save_file

    tensors = {"b": numpy.zeros((3, 5), "float32"), "a": numpy.ones(7, "float16"), "empty": numpy.zeros(0, "int8")}
    save_file(tensors, adapter / "adapter_model.safetensors", metadata={"format": "pt"})

    assert len(find_adapter(adapter)) == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "adapter_model.bin",
            "holds adapter_model.bin; an adapter is adapter_config.json and adapter_model.safetensors",
        ),
        ("training_args.bin", "holds training_args.bin"),
        ("tokenizer.json", "holds tokenizer.json"),
    ],
)
def test_an_adapter_with_other_files_is_refused(name: str, sentence: str, adapter: Path) -> None:
    (adapter / name).touch()

    with pytest.raises(AdapterError, match=sentence):
        find_adapter(adapter)


def test_an_adapter_that_lacks_a_file_or_is_a_link_is_refused(adapter: Path, tmp_path: Path) -> None:
    weights = adapter / "adapter_model.safetensors"
    shutil.move(weights, tmp_path / "weights")
    with pytest.raises(AdapterError, match=r"lacks adapter_model.safetensors"):
        find_adapter(adapter)
    weights.symlink_to(tmp_path / "weights")
    with pytest.raises(AdapterError, match="is no ordinary file"):
        find_adapter(adapter)
    with pytest.raises(AdapterError, match="cannot be read"):
        find_adapter(tmp_path / "none")


def test_what_breaks_a_rule_is_not_written_as_a_bundle(tmp_path: Path) -> None:
    key = tmp_path / "key"
    with pytest.raises(BundleError, match="adapter"):
        write_small_bundle(tmp_path / "bundle", adapter={"adapter/adapter_config.json": key_file(key)})


def key_file(path: Path) -> Path:
    path.write_text(LORA)
    return path
