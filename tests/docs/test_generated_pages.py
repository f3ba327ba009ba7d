"""The generated parts of docs/ say what the code says."""

import sys
from pathlib import Path

import pytest

from scripts import docs
from scripts.docs import PAGES, Generated

GENERATED = pytest.mark.parametrize("generated", PAGES, ids=lambda generated: generated.page)


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["docs", *arguments])
    return docs.main()


def test_the_pages_in_the_repository_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, "--check") == 0


@GENERATED
def test_a_page_that_drifted_is_reported_and_written_anew(
    generated: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given pages with something by hand around what is generated, of which one is out of date
    whole = {page.page: page.path.read_text(encoding="utf-8") + "By hand.\n" for page in PAGES}
    monkeypatch.setattr(docs, "DOCS", tmp_path)
    for page, text in whole.items():
        (tmp_path / page).write_text(text, encoding="utf-8")
    generated.path.write_text(whole[generated.page].replace(generated.begin, generated.begin + "Old.\n"))
    # Then it alone is reported
    assert call(monkeypatch, "--check") == 1
    reported = capsys.readouterr().err
    assert reported.count("run `make docs`") == 1
    assert generated.page in reported
    # And what is generated is written anew, and nothing else
    assert call(monkeypatch) == 0
    assert call(monkeypatch, "--check") == 0
    assert {page: (tmp_path / page).read_text(encoding="utf-8") for page in whole} == whole


@GENERATED
def test_a_page_without_its_marks_is_not_written_over(generated: Generated) -> None:
    page = generated.path.read_text(encoding="utf-8")
    for lost in (generated.begin, docs.END):
        with pytest.raises(ValueError, match="lost the marks"):
            generated.whole_page(page.replace(lost, ""))


def test_every_hook_has_its_signature_and_docstring_on_the_page() -> None:
    page = docs.render_hooks()

    assert "## gptstore_tools\n\n```python\ndef gptstore_tools() -> list[Tool]: ...\n```" in page
    assert "Return the tools that this plugin offers." in page
    assert "What stops the chain" in page


@pytest.mark.parametrize(
    ("number", "shown"), [(361_821_120, "362 M"), (999_885_952, "1.00 B"), (70_553_706_496, "70.55 B")]
)
def test_parameters_are_shown_with_three_figures_or_more(number: int, shown: str) -> None:
    assert docs.shown_parameters(number) == shown
