"""docs/models.md says what the list of models says, and what the engine does."""

import re

from gptstore.web import open_models
from scripts.docs import DOCS
from tests.worker.engine.families import SUPPORTED
from tests.worker.engine.test_refusals import REFUSED, TAKEN
from worker.engine.local import budget, loading

PAGE = (DOCS / "models.md").read_text(encoding="utf-8")


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
