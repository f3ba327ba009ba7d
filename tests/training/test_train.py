import json
import logging
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from training.checkpoint import CheckpointError
from training.train import main

TINY = [
    *("--vocabulary", "400", "--width", "16", "--inner", "32", "--layers", "1", "--heads", "2"),
    *("--context", "256", "--step-tokens", "1024", "--threads", "1", "--device", "cpu"),
]


@pytest.fixture
def train(corpus: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Any:
    """Trains a tiny model with more options, and returns its training.json."""
    caplog.set_level(logging.INFO)

    def run(*options: str) -> dict[str, Any]:
        folders = ["--data", str(corpus), "--out", str(tmp_path / "model"), "--work", str(tmp_path / "work")]
        main([*folders, *TINY, "--minutes", "1", *options])
        report: dict[str, Any] = json.loads((tmp_path / "model" / "training.json").read_text())
        return report

    return run


def test_training_gives_a_model_that_the_auto_classes_load(train: Any, tmp_path: Path) -> None:
    report = train("--max-steps", "3")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "model", local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model", local_files_only=True)
    assert model.config.gptstore_demo is True
    assert model.num_parameters() == report["parameters"]
    assert report["steps"] == 3
    assert len(tokenizer) <= model.config.vocab_size
    output = model.generate(**tokenizer("The cat", return_tensors="pt"), max_new_tokens=3, pad_token_id=0)
    assert output.shape[1] > len(tokenizer("The cat").input_ids)


def test_training_goes_on_where_it_was_stopped(train: Any, caplog: pytest.LogCaptureFixture) -> None:
    stopped = train("--max-steps", "2")
    finished = train("--max-steps", "5")
    assert "resuming after step 2" in caplog.text
    assert finished["steps"] == 5
    assert finished["tokens"] > stopped["tokens"]
    assert finished["seconds"] > stopped["seconds"]


def test_training_makes_the_loss_fall(train: Any) -> None:
    early = train("--max-steps", "1")["held_out_losses"]
    late = train("--max-steps", "60")["held_out_losses"]
    assert early
    assert sum(late.values()) < 0.8 * sum(early.values())


def test_the_same_seed_gives_the_same_weights(train: Any, tmp_path: Path) -> None:
    train("--max-steps", "2")
    first = (tmp_path / "model" / "model.safetensors").read_bytes()
    train("--max-steps", "2", "--work", str(tmp_path / "again"))
    again = (tmp_path / "model" / "model.safetensors").read_bytes()
    train("--max-steps", "2", "--work", str(tmp_path / "other"), "--seed", "2")
    other = (tmp_path / "model" / "model.safetensors").read_bytes()
    assert first == again
    assert first != other


def test_a_checkpoint_of_another_shape_is_refused(train: Any) -> None:
    train("--max-steps", "1")
    with pytest.raises(CheckpointError, match="another model shape"):
        train("--max-steps", "2", "--width", "32")


def test_help_names_the_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    output = capsys.readouterr().out
    assert all(option in output for option in ("--data", "--out", "--work", "--minutes", "--seed"))


def test_a_training_leaves_what_lies_beside_the_model(train: Any, tmp_path: Path) -> None:
    # Given a folder with a card, the licences and an earlier model in two parts
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("README.md", "LICENSES.txt", "config.json", "model-00002-of-00002.safetensors"):
        (folder / name).write_text("old")
    # When a training replaces the model
    train("--max-steps", "1")
    # Then the card and the licences are there, and nothing of the earlier model
    assert [(folder / name).read_text() for name in ("README.md", "LICENSES.txt")] == ["old", "old"]
    assert (folder / "config.json").read_text() != "old"
    assert not (folder / "model-00002-of-00002.safetensors").exists()
