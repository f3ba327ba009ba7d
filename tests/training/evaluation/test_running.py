"""Code of a model that must not harm the machine that measures it."""

import os
from pathlib import Path
from time import monotonic

import pytest

from training.evaluation import running
from training.evaluation.running import run_code

pytestmark = pytest.mark.landlock


def test_each_function_is_called_with_all_arguments() -> None:
    code = "import math\n\ndef half(x):\n    return x / 2\n\ndef root(x):\n    return math.sqrt(x)\n"
    assert run_code(code, [[4], [16]]) == [[2.0, 8.0], [2.0, 4.0]]


def test_a_function_answers_up_to_its_first_error() -> None:
    assert run_code("def f(x):\n    return 1 / x\n", [[1], [0], [2]]) == [[1.0]]


def test_what_is_no_json_equals_nothing_and_a_set_is_a_list() -> None:
    assert run_code("def f(x):\n    return {3, 1} if x else iter(())\n", [[1], [0]]) == [
        [[1, 3], {"not plain": "tuple_iterator"}]
    ]


def test_arguments_that_one_function_changes_are_whole_for_the_next() -> None:
    code = "def f(x):\n    x.append(1)\n    return x\n\ng = f\n"
    assert run_code(code, [[[]]]) == [[[1]], [[1]]]


@pytest.mark.parametrize(
    "code",
    [
        "def f(:",
        "import os\nos._exit(0)",
        "raise SystemExit",
        "print('[[1]]')\nraise KeyError",
        "import os\nos.write(1, b'[[1]]')\nos._exit(0)",
        "import numpy",
        "import gptstore",
    ],
)
def test_code_that_ends_early_or_asks_for_packages_has_no_results(code: str) -> None:
    assert run_code(code, [[1]]) == []


def test_an_endless_loop_is_ended_by_the_time_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "WALL_SECONDS", 60)
    began = monotonic()
    assert run_code("while True: pass", [[1]]) == []
    assert monotonic() - began < 45


def test_code_that_only_waits_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "WALL_SECONDS", 1)
    began = monotonic()
    assert run_code("import time\ntime.sleep(60)", [[1]]) == []
    assert monotonic() - began < 30


def test_output_without_end_does_not_fill_the_memory() -> None:
    assert run_code("import os\nfor _ in range(10**6): os.write(3, b'x' * 100000)", [[1]]) == []


@pytest.mark.parametrize(
    "body",
    [
        "open('mark', 'w').write('x')",
        "open({file!r}, 'w').write('x')",
        "open({file!r}).read()",
        "open('/etc/passwd').read()",
        "import os; os.fork()",
        "import subprocess; subprocess.run(['true'])",
        "import socket; socket.socket()",
        "import os; os.kill({parent}, 0)",
        "'x' * (1 << 30)",
    ],
)
def test_what_code_has_no_business_with_fails(tmp_path: Path, body: str) -> None:
    file = tmp_path / "secret"
    file.write_text("secret")
    filled = body.format(file=str(file), parent=os.getpid())
    assert run_code(f"def f():\n    {filled}\n    return 1\n\ndef g():\n    return 2\n", [[]]) == [[], [2]]
    assert file.read_text() == "secret"


def test_nothing_of_our_environment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPTSTORE_SECRET", "x")
    [[names]] = run_code("import os\n\ndef f():\n    return sorted(os.environ)\n", [[]])
    assert not [name for name in names if name.startswith(("GPTSTORE", "PYTHON", "HOME", "PATH"))]
