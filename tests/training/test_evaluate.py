"""The command as it is typed, with the bundled model and a tiny corpus."""

import json
from pathlib import Path

import pytest

from tests.training.conftest import write_rows
from training import streams
from training.evaluation.__main__ import BUNDLED, MARK, main
from training.evaluation.report import MODEL, TOOL

SKILLS = {
    *("qa", "summarize", "code, held out", "code, own tasks", "prose"),
    *(f"translate en→{language}" for language in streams.TRANSLATED),
    *(f"translate {language}→en" for language in streams.TRANSLATED),
}


@pytest.mark.landlock
def test_every_skill_is_measured_beside_a_trivial_answer_and_another_model(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(streams, "HELD_OUT_PER_MILLE", 300)
    write_rows(corpus, "text", [{"text": f"{n} birds are here. " + f"Number {n} sings. " * n} for n in range(40)])
    file, answers, page = tmp_path / "figures.json", tmp_path / "answers.jsonl", tmp_path / "page.md"
    page.write_text(f"By hand.\n\n{MARK}\n\nWritten before.")
    options = ["--data", str(corpus), "--limit", "2", "--device", "cpu", "--threads", "1", "--tools"]
    main(
        [
            *options,
            "--compare",
            f"before={BUNDLED}",
            "--json",
            str(file),
            "--answers",
            str(answers),
            "--page",
            str(page),
        ]
    )

    found = json.loads(file.read_text())
    assert set(found["models"]) == {MODEL, "before"}
    assert found["models"][MODEL]["parameters"] > 1_000_000
    assert set(found["results"]) >= SKILLS
    for name, result in found["results"].items():
        assert result["rows"] > 0, name
        assert result["baselines"], name
        assert result["figures"][MODEL] == result["figures"]["before"], name
    assert TOOL in found["results"]["qa"]["figures"]
    assert set(found["results"]["prose"]["figures"][MODEL]) == {"perplexity", "bits_per_byte"}
    assert found["results"]["code, own tasks"]["baselines"]["first argument"] == {
        "answered": 100,
        "parses": 100,
        "passes": 0,
    }
    assert found["decontamination"]["rows_dropped"]["summarize"] > 0
    assert not any(found["decontamination"]["overlaps_left"].values())
    assert capsys.readouterr().out.startswith("| skill | rows | measure | model | through the tool | before |")
    said = [json.loads(line) for line in answers.read_text().splitlines()]
    assert {line["skill"] for line in said} | {"prose"} == set(found["results"])
    assert all(line["answers"][MODEL] == line["answers"]["before"] for line in said)
    written = page.read_text()
    assert written.startswith(f"By hand.\n\n{MARK}\n\n## Figures\n\n| skill | rows |")
    assert "Written before." not in written
