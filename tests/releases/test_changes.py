"""The differences between two releases: all of them are found, and nothing in them can do harm."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gptstore.releases.changes import (
    MAX_VALUE,
    MAX_VALUES,
    ValueChange,
    manifest_changes,
    package_changes,
    right_changes,
)
from gptstore.releases.rights import Kind, Right
from gptstore.sdk.bundle.pins import Pin
from tests.authors.bundle_parts import MANIFEST


def manifest(**changes: Any) -> dict[str, Any]:
    stored = MANIFEST.model_dump(mode="json")
    return {**stored, "tools": [{**stored["tools"][0], **changes}]}


def changed(**changes: Any) -> list[ValueChange]:
    return manifest_changes(manifest(), manifest(**changes))[0]


def test_each_value_that_differs_is_found_in_its_place() -> None:
    schema = {"type": "object", "properties": {"word": {"type": "string", "title": "Word"}}}

    assert changed() == []
    assert changed(title="Shout", network=True) == [
        ValueChange("say", "title", "Say", "Shout"),
        ValueChange("say", "network", "false", "true"),
    ]
    assert changed(input_schema=schema) == [
        ValueChange("say", "input_schema / properties / word / title", None, "Word"),
    ]


def test_a_tool_that_is_new_or_gone_is_found() -> None:
    before, after = manifest(), manifest(slug="shout")

    states = {(one.tool, one.state) for one in manifest_changes(before, after)[0]}

    assert states == {("say", "removed"), ("shout", "new")}
    assert all(one.state == "new" for one in manifest_changes(None, after)[0])


def test_what_is_invisible_in_a_text_is_written_out() -> None:
    (change,) = changed(title="Say\u202e\u200b\x1b[31m")

    assert change.after == "Say\\u202e\\u200b\\x1b[31m"


def test_a_long_text_is_cut_where_it_differs() -> None:
    same = "a" * 50_000
    (change,) = manifest_changes(manifest(description=same), manifest(description=f"{same}evil"))[0]

    assert change.after and "evil" in change.after and len(change.after) < MAX_VALUE + 100
    assert change.before and change.before != change.after


def test_many_values_are_counted() -> None:
    many = {f"x{n}": n for n in range(MAX_VALUES + 50)}
    values, more = manifest_changes(manifest(), manifest(input_schema=many))

    assert (len(values), more > 40) == (MAX_VALUES, True)


def test_a_nested_value_is_compared_at_any_depth() -> None:
    deep: Mapping[str, Any] = {"end": 1}
    for _ in range(150):
        deep = {"in": deep}

    (change, *_) = changed(input_schema=deep)

    assert change.place.count("/") < 10 and "end" in str(change.after)


def test_rights_are_new_kept_or_gone() -> None:
    network, secret = Right(Kind.NETWORK, "say"), Right(Kind.SECRETS, "say", value="key")
    changes = right_changes([secret.as_json()], [network.as_json()])

    assert [(one.right, one.state) for one in changes] == [(network, "new"), (secret, "removed")]
    assert [one.state for one in right_changes([network.as_json()], [network.as_json()])] == ["same"]
    assert [one.state for one in right_changes(None, [network.as_json()])] == ["new"]


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ([], [Pin("a", "1", ("x",))], "new"),
        ([Pin("a", "1", ("x",))], [], "removed"),
        ([Pin("a", "1", ("x",))], [Pin("a", "2", ("y",))], "changed"),
        ([Pin("a", "1", ("x",))], [Pin("a", "1", ("y",))], "replaced"),
        ([Pin("a", "1", ("x",))], [Pin("a", "1", ("x",), "sys_platform == 'win32'")], "replaced"),
        ([Pin("a", "1", ("x",))], [Pin("a", "1", ("x",))], "same"),
    ],
)
def test_packages_are_compared_by_version_and_by_file(before: list[Pin], after: list[Pin], state: str) -> None:
    (change,) = package_changes(before, after, {"a": "MIT"})

    assert (change.name, change.licence, change.state) == ("a", "MIT", state)


def test_the_stored_form_of_a_right_is_read_back(tmp_path: Path) -> None:
    right = Right(Kind.LIMIT, "say", "max_memory_mb", "4000")

    assert right_changes(None, [right.as_json()])[0].right == right
