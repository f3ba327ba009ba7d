"""docs/hooks.md says what the hookspecs say."""

import sys
from pathlib import Path

import pytest

from gptstore.sdk import hook_docs


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hook_docs", *arguments])
    return hook_docs.main()


def test_the_page_in_the_repository_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, "--check") == 0


def test_every_hook_has_its_signature_and_docstring_on_the_page() -> None:
    page = hook_docs.render()

    assert "## gptstore_tools\n\n```python\ndef gptstore_tools() -> list[Tool]: ...\n```" in page
    assert "Return the tools that this plugin offers." in page
    assert "What stops the chain" in page


def test_a_page_that_drifted_is_reported_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "hooks.md"
    monkeypatch.setattr(hook_docs, "PAGE", page)
    assert call(monkeypatch, "--check") == 1
    assert "run python -m gptstore.sdk.hook_docs" in capsys.readouterr().err

    assert call(monkeypatch) == 0
    assert call(monkeypatch, "--check") == 0

    page.write_text(page.read_text() + "More.")
    assert call(monkeypatch, "--check") == 1
