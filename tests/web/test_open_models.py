"""The list of good open models: what each needs, on the page about the model."""

import pytest
from django.test import Client

from gptstore.jobs.workers import WorkerInfo, beat
from gptstore.web.open_models import ENOUGH_TOKENS, GPUS, OPEN_MODELS, OpenModel


def model(**values: int) -> OpenModel:
    shape = {"parameters": 8_000_000_000, "layers": 32, "key_heads": 8, "head_width": 128, "context": 4096}
    return OpenModel(name="a/b", family="llama", licence="", languages="", good_at="", **(shape | values))


def test_weights_and_tokens_take_two_bytes_a_number() -> None:
    assert model().weight_bytes == 16_000_000_000
    assert model().token_bytes == 32 * 8 * 128 * 2 * 2


@pytest.mark.parametrize(("parameters", "gpu"), [(1_000_000, 8), (8_000_000_000, 24), (70_000_000_000, None)])
def test_the_smallest_gpu_has_room_for_the_weights(parameters: int, gpu: int | None) -> None:
    assert model(parameters=parameters).gpu_gb == gpu


def test_a_gpu_that_holds_the_weights_but_few_tokens_is_too_small() -> None:
    assert model(layers=64).loads_on(24)
    assert model(layers=64).tokens_on(24) < ENOUGH_TOKENS
    assert model(layers=64).gpu_gb == 48


def test_models_are_listed_by_size_and_once_and_one_fits_each_usual_gpu() -> None:
    assert sorted(OPEN_MODELS, key=lambda one: one.parameters) == OPEN_MODELS
    assert len({one.name for one in OPEN_MODELS}) == len(OPEN_MODELS)
    assert {one.gpu_gb for one in OPEN_MODELS} >= set(GPUS) - {141}


@pytest.mark.django_db
def test_the_page_about_the_model_lists_them_all(client: Client) -> None:
    page = client.get("/model/").content.decode()
    assert [one.name for one in OPEN_MODELS if f"<code>{one.name}</code>" not in page] == []
    assert "<td>4.0 billion</td><td>8.0 GB</td><td>16 GB</td><td>Apache 2.0</td>" in page
    assert page.count("asks first</span>") == sum(one.asks for one in OPEN_MODELS)
    assert 'href="/docs/models/"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("thinking", "sentence"),
    [
        ("always", "Thinks before each answer."),
        ("optional", "Can think before an answer"),
        ("never", "Answers without thinking first."),
    ],
)
def test_the_page_about_the_model_says_whether_it_thinks(client: Client, thinking: str, sentence: str) -> None:
    beat(WorkerInfo("w1", "m", False, 1, 1024, "cpu", [], thinking=thinking))

    assert sentence in client.get("/model/").content.decode()


@pytest.mark.django_db
def test_the_page_about_the_model_says_nothing_of_thinking_where_that_is_unknown(client: Client) -> None:
    beat(WorkerInfo("w1", "m", False, 1, 1024, "cpu", []))

    assert "Thinking" not in client.get("/model/").content.decode()
