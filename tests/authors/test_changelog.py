"""A plugin's CHANGELOG.md: what it says of a version, how it travels, and what is refused."""

from pathlib import Path

import pytest

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.changelog import MAX_ENTRY, find_entry
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import CHANGELOG, MAX_CHANGELOG_BYTES
from gptstore.sdk.intake.changelogs import find_problems
from gptstore.sdk.project.reading import read_project
from tests.authors.bundle_parts import write_changed, write_small_bundle
from tests.authors.projects import write_project

TEXT = """# Changelog

## Unreleased

- Nothing yet.

## [1.2.0] - 2026-11-30

- A *new* word.

### Fixed

```text
## 1.1.0
```

## v1.1

Older.
"""


@pytest.mark.parametrize("version", ["1.2.0", "1.2.00", "v1.2.0"])
def test_the_part_of_a_version_ends_at_the_next_one(version: str) -> None:
    assert find_entry(TEXT, version) == "- A *new* word.\n\n### Fixed\n\n```text\n## 1.1.0\n```"


def test_headings_are_written_in_many_ways() -> None:
    assert find_entry(TEXT, "1.1") == "Older."
    assert find_entry("# 2.0: big ones\nAll.", "2.0") == "All."
    assert find_entry("## 1.20\nNo.", "1.2") == find_entry(TEXT, "3.0") == find_entry("", "1.0") == ""
    assert len(find_entry("# 1.0\n" + "x" * 2 * MAX_ENTRY, "1.0")) == MAX_ENTRY


def test_it_travels_in_the_bundle_and_older_bundles_have_none(tmp_path: Path) -> None:
    with Bundle.open(write_small_bundle(tmp_path / "new", changelog=TEXT)) as bundle:
        assert bundle.contents.changelog == TEXT
    with Bundle.open(write_small_bundle(tmp_path / "old")) as bundle:
        assert CHANGELOG not in bundle.archive.entries and bundle.contents.changelog == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"x" * (MAX_CHANGELOG_BYTES + 1), "it may have"), (b"\xff\xfe", "no text in UTF-8"), (b"a\0b", "NUL")],
)
def test_one_that_is_no_short_text_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    def change(files: dict[str, bytes]) -> None:
        files[CHANGELOG] = content

    path = write_changed(write_small_bundle(tmp_path / "made"), tmp_path / "changed.gptx", change)

    with pytest.raises(BundleError, match=sentence):
        Bundle.open(path)


def problems(folder: Path, content: bytes | None) -> list[tuple[str, str]]:
    project = read_project(write_project(folder))
    if content is not None:
        (folder / CHANGELOG).write_bytes(content)
    return [(problem.severity, problem.rule) for problem in find_problems(project, project.version)]


def test_the_check_warns_of_a_version_without_an_entry(tmp_path: Path) -> None:
    assert problems(tmp_path / "good", TEXT.encode()) == []
    assert problems(tmp_path / "none", None) == []
    assert problems(tmp_path / "other", b"# 1.0\n\nOld.") == [("warning", "changelog")]
    assert problems(tmp_path / "binary", b"\xff") == [("error", "changelog")]
