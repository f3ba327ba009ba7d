"""The rights that a bundle asks for, and the risk of them."""

from typing import Any

import pytest

from gptstore.releases.rights import Kind, Right, needs_two, rights_of, risk_of
from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.manifest import Manifest
from tests.authors.bundle_parts import MANIFEST

SECRET = {"type": "object", "properties": {"key": {"type": "string", "writeOnly": True}, "unit": {"type": "string"}}}


def manifest(**changes: Any) -> Manifest:
    return MANIFEST.model_copy(update={"tools": [MANIFEST.tools[0].model_copy(update=changes)]})


def wheel(tag: str) -> Wheel:
    return Wheel("fruit.whl", "fruit", "1", tag, 1, "")


@pytest.mark.parametrize(
    ("changes", "tag", "right"),
    [
        ({"network": True}, "py3-none-any", Right(Kind.NETWORK, "say")),
        ({"settings_schema": SECRET}, "py3-none-any", Right(Kind.SECRETS, "say", value="key")),
        ({}, "cp311-cp311-manylinux_2_17_x86_64", Right(Kind.NATIVE_CODE, value="fruit")),
        ({"max_memory_mb": 4000}, "py3-none-any", Right(Kind.LIMIT, "say", "max_memory_mb", "4000")),
    ],
)
def test_each_right_is_found(changes: dict[str, Any], tag: str, right: Right) -> None:
    assert rights_of(manifest(**changes), [wheel(tag)]) == [right]


def test_a_plain_tool_has_none() -> None:
    assert rights_of(manifest(max_memory_mb=512), [wheel("py3-none-any")]) == []


def test_the_risk_grows_with_the_rights() -> None:
    network, secrets = Right(Kind.NETWORK, "say"), Right(Kind.SECRETS, "say", value="key")

    assert risk_of([], is_signed=True) == 0
    assert risk_of([], is_signed=False) == 1
    assert 1 < risk_of([secrets], is_signed=True) < risk_of([network], is_signed=True)
    assert risk_of([network, network], is_signed=True) == risk_of([network], is_signed=True)
    assert risk_of([Right(kind) for kind in Kind], is_signed=False) == 10
    assert needs_two([network.as_json()]) and not needs_two([secrets.as_json()])
