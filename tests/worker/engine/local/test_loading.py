"""A model that can't be loaded is told in one message that says what to do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import huggingface_hub.constants as hub_constants
import pytest
import torch

from worker.engine.compute.devices import choose_dtype, choose_threads
from worker.engine.errors import ModelLoadError
from worker.engine.local import loading
from worker.engine.local.loading import load_engine

CPU = torch.device("cpu")


@pytest.fixture
def folder(gpt2_folder: Path, tmp_path: Path) -> Path:
    """A copy of a sound model, to be damaged."""
    return shutil.copytree(gpt2_folder, tmp_path / "model")


def refusal(model: Path | str, **options: str) -> str:
    with pytest.raises(ModelLoadError) as caught:
        load_engine(str(model), **options)  # type: ignore[arg-type]
    assert "\n" not in caught.value.message
    assert not caught.value.retryable
    return caught.value.message


def edit_config(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_the_info_tells_what_was_loaded(folder: Path) -> None:
    edit_config(folder, gptstore_demo=True)

    engine = load_engine(str(folder), dtype="bfloat16")
    engine.close()

    assert engine.info.name == "model"
    assert engine.info.demo
    assert engine.info.context_length == 128
    assert (engine.info.device, engine.info.dtype) == ("cpu", "bfloat16")
    assert engine.info.parameters == 42_368


def test_a_config_can_name_the_model(folder: Path) -> None:
    edit_config(folder, gptstore_name="mini")

    engine = load_engine(str(folder))
    engine.close()

    assert engine.info.name == "mini"
    assert not engine.info.demo


def test_no_such_folder(tmp_path: Path) -> None:
    assert "There is no folder" in refusal(tmp_path / "nowhere")


def test_a_folder_without_a_config(tmp_path: Path) -> None:
    assert "has no config.json" in refusal(tmp_path)


def test_a_file_in_place_of_a_folder(folder: Path) -> None:
    assert "is a file" in refusal(folder / "config.json")


def test_a_damaged_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")

    assert "can't be read" in refusal(folder)


def test_an_architecture_that_transformers_does_not_know(folder: Path) -> None:
    edit_config(folder, model_type="gpt99")

    assert "not of a model that transformers" in refusal(folder)


def test_a_model_that_brings_its_own_code(folder: Path) -> None:
    (folder / "own.py").write_text("raise SystemExit('this must not run')")
    edit_config(folder, model_type="own", auto_map={"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"})

    assert "brings its own code" in refusal(folder)


@pytest.mark.parametrize(
    "values",
    [
        {"model_type": "bert", "architectures": ["BertForMaskedLM"]},
        {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]},
        {"model_type": "mistral3", "architectures": ["Mistral3ForConditionalGeneration"]},
        {"architectures": ["GPT2ForSequenceClassification"]},
    ],
)
def test_a_model_that_does_not_write(folder: Path, values: dict[str, object]) -> None:
    edit_config(folder, **values)

    assert "causal language model" in refusal(folder)


def test_no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()

    assert "model.safetensors is missing" in refusal(folder)


def test_weights_as_pickle_only(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")

    assert "pickle" in refusal(folder)


def test_a_part_of_the_weights_is_missing(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    assert "2 of 2 weight files" in refusal(folder)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-100], id="cut off"),
        pytest.param(lambda data: data[:5], id="cut off in the header"),
        pytest.param(lambda data: b"\xff" * 8 + data[8:], id="wrong header length"),
        pytest.param(lambda data: data[:8] + b"{" * 50 + data[58:], id="broken header"),
        pytest.param(lambda data: b"version https://git-lfs.github.com/spec/v1\n", id="a git LFS pointer"),
    ],
)
def test_damaged_weights(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(damage(path.read_bytes()))

    assert "damaged or only partly downloaded" in refusal(folder)


def test_weights_that_lack_what_the_config_asks_for(folder: Path) -> None:
    edit_config(folder, n_layer=3)

    assert "lack 12 of the tensors" in refusal(folder)


def test_weights_of_another_shape_than_the_config_says(folder: Path) -> None:
    edit_config(folder, n_embd=64)

    assert "can't be loaded" in refusal(folder)


def test_no_tokenizer(folder: Path) -> None:
    for file in folder.glob("tokenizer*"):
        file.unlink()

    assert "has no tokenizer" in refusal(folder)


def test_too_little_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "available_bytes", lambda device: 100_000)

    message = refusal(folder)

    assert "Not enough memory" in message
    assert "float32" in message


def test_unknown_device_and_dtype(folder: Path) -> None:
    assert 'no device "abacus"' in refusal(folder, device="abacus")
    assert 'device "meta" is not supported' in refusal(folder, device="meta")
    assert 'no dtype "int3"' in refusal(folder, dtype="int3")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA here")
def test_cuda_where_there_is_none(folder: Path) -> None:
    assert "no CUDA device is usable here" in refusal(folder, device="cuda")


def test_a_tiny_model_keeps_float32_and_a_small_one_takes_one_thread_on_a_cpu() -> None:
    assert choose_dtype("auto", CPU, parameters=500_000) == torch.float32
    assert choose_threads(None, parameters=5_000_000) == 1
    assert choose_threads(3, parameters=5_000_000) == choose_threads(3, parameters=5_000_000, rows=512) == 3


def test_others_take_half_the_memory_where_the_cpu_has_the_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    assert choose_dtype("auto", CPU, parameters=3_000_000) == torch.bfloat16

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": False})
    assert choose_dtype("auto", CPU, parameters=124_000_000) == torch.float32


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", True)

    assert "hub can't be reached" in refusal("acme/tiny")


def test_a_name_that_cannot_be_one() -> None:
    assert "neither a folder nor the name of a model" in refusal("no such model!")
