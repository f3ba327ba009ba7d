"""The engine from the command line."""

from pathlib import Path

import pytest

from worker.engine.__main__ import main


def test_the_text_goes_to_stdout_and_the_figures_to_stderr(
    gpt2_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status = main(
        [
            "--model",
            str(gpt2_folder),
            "--prompt",
            "The quick",
            "--max-tokens",
            "8",
            "--seed",
            "1",
            "--stop",
            "never said",
        ]
    )

    said = capfd.readouterr()
    assert status == 0
    assert said.out.strip()
    assert "8 new tokens" in said.err
    assert "a second; ended by length" in said.err


def test_a_model_that_is_not_there_is_one_line_on_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status = main(["--model", str(tmp_path / "nowhere"), "--prompt", "x"])

    said = capfd.readouterr()
    assert (status, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert "There is no folder" in said.err


def test_a_bad_parameter_is_one_line_on_stderr(gpt2_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status = main(["--model", str(gpt2_folder), "--prompt", "x", "--top-p", "2"])

    assert status == 2
    assert capfd.readouterr().err == "top_p must be above 0 and at most 1, not 2.0.\n"


def test_a_request_that_fails_gives_its_message(gpt2_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status = main(["--model", str(gpt2_folder), "--prompt", "x", "--chat"])

    assert status == 1
    assert "chat template" in capfd.readouterr().err


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])

    assert caught.value.code == 0
    assert "--max-tokens" in capsys.readouterr().out
