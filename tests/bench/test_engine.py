"""The benchmark of the engine runs from end to end, and says which rows hold."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from bench.common.errors import NotMeasured
from bench.engine.__main__ import main
from bench.engine.crowd import Ask, run_in_engine
from bench.engine.prompts import Prompts
from bench.engine.server import Server
from worker.engine.protocol import Engine

QUICK = ["--quick", "--repeats", "1", "--threads", "1", "--device", "cpu"]


def read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def test_every_figure_is_in_the_report_with_its_targets(tmp_path: Path, capsys: Any) -> None:
    status = main([*QUICK, "--json", str(tmp_path / "out.json")])

    report = read(tmp_path / "out.json")
    lines = [(row["row"], line) for row in report["rows"] for line in row["lines"]]
    assert [(row, line["is"], line["at_least"], line["aim"]) for row, line in lines if line["is"]] == [
        (1, "at least", 1.3, 2),
        (1, "at least", 6, 9),
        (1, "at least", 14, 22),
        (2, "at least", 1.5, 2.2),
        (2, "at least", 1.3, 1.8),
        (3, "at most", 2.2, 1.6),
        (4, "at least", 4, 6),
        (5, "at most", 3, 2),
        (6, "at least", 10, 20),
        *[(7, "at least", 1, 1.8)] * 3,
        (7, "at least", 0.95, 0.98),
    ]
    assert all(line["value"] > 0 for _, line in lines)
    assert report["models"][0]["dtype"] == "bfloat16"
    assert report["models"][0]["generate_attention"] == "sdpa"
    assert "tokens/s at 32 vs generate, one by one" in capsys.readouterr().out
    assert status == 0


def test_without_a_file_the_json_goes_to_stdout_and_the_table_to_stderr(capsys: Any) -> None:
    main([*QUICK, "--rows", "4"])

    out, err = capsys.readouterr()
    assert [row["row"] for row in json.loads(out)["rows"]] == [4]
    assert "so many times sooner" in err


def test_a_server_is_measured_beside_the_engine(tmp_path: Path, tiny: Path, server: str) -> None:
    main([*QUICK, "--rows", "1", "--model", str(tiny), "--server", server, "--json", str(tmp_path / "out.json")])

    report = read(tmp_path / "out.json")
    assert report["models"][0]["server"] == {"url": f"{server}/v1", "model": "tiny"}
    assert [line["what"] for line in report["rows"][0]["lines"]][-1] == "tokens/s at 32 vs server at 32"
    assert report["rows"][0]["samples"]["server at 32"]["median"] > 0


def test_a_server_that_makes_too_few_tokens_is_not_measured(engine: Engine, server: str) -> None:
    with pytest.raises(NotMeasured, match="made 3 of 4 tokens"):
        Server(server, None, None, {"too_few": 1}).run([Ask(" ab cd", 2, 4)])


def test_a_server_that_is_not_there_ends_the_run_with_one_line(tiny: Path, capsys: Any) -> None:
    assert main([*QUICK, "--rows", "1", "--model", str(tiny), "--server", "http://127.0.0.1:9"]) == 2
    assert "--server-model" in capsys.readouterr().err


def test_prompts_have_as_many_tokens_as_asked_and_nothing_in_common(tiny: Path, engine: Engine) -> None:
    prompts = Prompts(AutoTokenizer.from_pretrained(tiny), engine.count_tokens)
    texts = [prompts.text(64) for _ in range(32)]
    assert {engine.count_tokens(text) for text in texts} == {64}
    assert engine.count_tokens(texts[0] + texts[1]) == 128
    assert len({text[:20] for text in texts}) == 32


def test_requests_that_run_at_once_are_counted_to_the_last_token(engine: Engine) -> None:
    crowd = run_in_engine(engine, [Ask(" ab cd", 2, 5), Ask(" ef gh", 2, 3)])
    assert crowd.tokens == 8
    assert [len(times) for times in crowd.arrivals] == [5, 3]
    assert crowd.begun_at < crowd.arrivals[0][0] <= crowd.ended_at


def test_torch_is_loaded_after_the_engine_has_said_how_its_threads_wait() -> None:
    code = "import os, sys, bench.engine; assert 'torch' not in sys.modules; print(os.environ['OMP_WAIT_POLICY'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "passive"
