import ast
import warnings

import pytest

from gptstore_base_model_aids.python_attempts import trim
from gptstore_base_model_aids.python_check import find_problem

ADD = "def add(a, b):\n    return a + b"
BROKEN = "def add(a, b):\n    return a +\n"


@pytest.mark.parametrize(
    ("code", "beginning", "left_out"),
    [
        (ADD, ADD, 0),
        (f"{ADD}\n\n\n", ADD, 0),
        (f"{ADD}\n\n{BROKEN}", ADD, 2),
        (f"{ADD}\nx = [\n", ADD, 1),
        (f"{ADD}\n@wraps", ADD, 1),
        (f"{ADD}\nreturn add", ADD, 1),
        (f"{ADD}\ndef twice(a, a):\n    return a", ADD, 2),
        ("x = 1\ntry:\n    y()\nexcept:\n    z(", "x = 1", 4),
        ("x = 1\nif x:\n    y()\nelse:\n    z(", "x = 1", 4),
        ("x = 1\ndef f():\n    y()\n# then\n    z(", "x = 1", 4),
        ("x = 1\ny = [\n    1,\n]\nz(", "x = 1\ny = [\n    1,\n]", 1),
        ('def f():\n    """\nAdd\n"""\n    return 1\ng(', 'def f():\n    """\nAdd\n"""\n    return 1', 1),
    ],
)
def test_only_whole_statements_are_kept(code, beginning, left_out):
    trimmed = trim(code)
    assert (trimmed.code, trimmed.left_out) == (beginning, left_out)
    assert (trimmed.problem is None) == (left_out == 0)


@pytest.mark.parametrize("code", [BROKEN, "import os\nimport sys\nx(", "", "\x00", "  x = 1"])
def test_of_some_code_nothing_can_be_kept(code):
    assert trim(code) is None


def test_code_that_python_only_warns_of_is_kept():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert trim('x = "\\d" is 1').left_out == 0


@pytest.mark.parametrize("code", ["x = (", "\x00", "(" * 300 + ")" * 300, "if True:\nprint(1)"])
def test_the_check_names_a_problem_in_one_line(code):
    problem = find_problem(code)
    assert problem
    assert "\n" not in problem
    ast.parse(f"# Note: {problem}")


def test_the_check_finds_nothing_wrong_with_good_code():
    assert find_problem(ADD) is None
