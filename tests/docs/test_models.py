"""docs/models.md says what the list of models says, and what the engine does."""

import re
import sys
from pathlib import Path

import pytest

from gptstore.web import models_docs, open_models
from tests.worker.engine.families import SUPPORTED
from tests.worker.engine.test_refusals import REFUSED, TAKEN
from worker.engine.local import budget, loading

PAGE = models_docs.PAGE.read_text(encoding="utf-8")


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["models_docs", *arguments])
    return models_docs.main()


def test_the_page_in_the_repository_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, "--check") == 0


def test_a_page_that_drifted_is_reported_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "models.md"
    page.write_text(PAGE.replace("| 8.0 GB |", "| 9.9 GB |"), encoding="utf-8")
    monkeypatch.setattr(models_docs, "PAGE", page)
    assert call(monkeypatch, "--check") == 1
    assert "run python -m gptstore.web.models_docs" in capsys.readouterr().err

    assert call(monkeypatch) == 0
    assert page.read_text(encoding="utf-8") == PAGE


def test_a_page_without_its_marks_is_not_written_over() -> None:
    with pytest.raises(ValueError, match="lost the marks"):
        models_docs.whole_page("Models")


@pytest.mark.parametrize(
    ("number", "shown"), [(361_821_120, "362 M"), (999_885_952, "1.00 B"), (70_553_706_496, "70.55 B")]
)
def test_parameters_are_shown_with_three_figures_or_more(number: int, shown: str) -> None:
    assert models_docs.shown_parameters(number) == shown


def test_every_listed_model_is_of_a_family_that_the_engine_runs() -> None:
    assert {model.family for model in open_models.OPEN_MODELS} <= {*SUPPORTED, *TAKEN}


def test_the_families_on_the_page_are_those_that_the_engine_is_tested_with() -> None:
    compared, taken = (re.findall(r"`(\w+)`", row) for row in re.findall(r"^\| (?:compared|taken).*$", PAGE, re.M))
    assert (compared, taken) == (SUPPORTED, TAKEN)
    (refused,) = re.findall(r"^\| refused.*$", PAGE, re.M)
    whatever_their_shape = {family for family, *_ in REFUSED} - {"phi3", "phimoe"}
    assert set(re.findall(r"`(\w+)`", refused)) == {*whatever_their_shape, "mistral3"}, "that one is in test_loading.py"


def test_memory_is_counted_as_the_engine_counts_it() -> None:
    assert open_models.LOADING == loading._HEADROOM
    assert budget._SHARE["cuda"] == open_models.CACHE_SHARE


def test_the_models_that_are_recommended_fit_where_it_says() -> None:
    text = PAGE.partition("Where to begin:")[2].partition("\n\n")[0]
    fits = {f"{model.name}": model.gpu_gb for model in open_models.OPEN_MODELS}
    recommended = re.findall(r"of (\d+) GB,\s+`([^`]+)`", text)
    assert len(recommended) == 4
    assert [name for gb, name in recommended if fits[name] != int(gb)] == []
