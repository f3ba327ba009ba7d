import pytest

from training.code_shape import function_shapes
from training.evaluation import code as code_answers
from training.evaluation.code import FIRST_ARGUMENT, measure, parses, passes, same
from training.evaluation.code_tasks import CodeTask, Sample, read_tasks, seen_tasks
from training.stream import Stream
from training.tasks import code

DOUBLE = CodeTask("Double a number.", samples=(Sample([3], 6), Sample([0.1], 0.2)))


def test_there_are_forty_tasks_of_which_none_is_solved_by_its_first_argument() -> None:
    own = read_tasks()
    assert len({task.task for task in own}) == len(own) == 40
    assert all(3 <= len(task.samples) <= 5 for task in own)
    assert all(any(sample.arguments[0] != sample.result for sample in task.samples) for task in own)


@pytest.mark.landlock
def test_our_own_solutions_pass_and_other_answers_do_not() -> None:
    own = read_tasks()[:4]
    assert measure(own, [task.solution for task in own]) == {"answered": 100, "parses": 100, "passes": 100}
    assert measure(own, [FIRST_ARGUMENT] * 4) == {"answered": 100, "parses": 100, "passes": 0}


def test_nothing_is_run_where_it_cannot_be_shut_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_answers, "can_run", lambda: False)
    own = read_tasks()[:2]
    assert measure(own, [task.solution for task in own]) == {"answered": 100, "parses": 100}


@pytest.mark.landlock
def test_any_function_of_the_answer_may_do_it_but_it_must_do_every_example() -> None:
    assert passes(DOUBLE, "def helper(x):\n    return x\n\ndef g(x):\n    return helper(x) * 2\n")
    assert not passes(DOUBLE, "def g(x):\n    return 6 if x == 3 else None\n")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("def f():\n    return 1\n", True), ("class A: pass", True), ("", False), ("x = 1", False), ("def f(:", False)],
)
def test_only_code_that_defines_something_counts_as_parsed(answer: str, expected: bool) -> None:
    assert parses(answer) is expected


def test_tasks_without_examples_are_only_parsed() -> None:
    rows = [CodeTask("Do it.")] * 4
    assert measure(rows, ["def f(): pass", "no code", "", "\n"]) == {"answered": 50, "parses": 25}


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        (0.30000000000000004, 0.3, True),
        (2, 2.0, True),
        (True, 1, False),
        (1, True, False),
        ([1, [2.0]], [1, [2]], True),
        ([1], [1, 2], False),
        ("a", "a", True),
        (None, 0, False),
    ],
)
def test_results_are_compared_as_python_does_but_for_truth_values(
    given: object, wanted: object, expected: bool
) -> None:
    assert same(given, wanted) is expected


def test_a_task_whose_solution_is_trained_on_is_named() -> None:
    trained = "import re\n\ndef twice(values):\n    return [value * 2 for value in values]\n"
    own = [
        CodeTask("Double all.", "def double(xs):\n    return [x * 2 for x in xs]\n"),
        CodeTask("Halve all.", "def halve(xs):\n    return [x / 2 for x in xs]\n"),
    ]
    assert function_shapes(own[0].solution) == function_shapes(trained)
    assert seen_tasks(own, [Stream("code", 0.1, [("Twice.", trained)], [], code)]) == ["Double all."]
