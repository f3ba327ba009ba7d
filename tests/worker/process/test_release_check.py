"""The words of a check on a worker: for people, and for its log."""

from gptstore.releases.check_report import Ran
from worker.process.release_check import describe, explain

UV = (
    "uv could not install it: × No solution found when resolving dependencies: ╰─▶ Because jam==1.0 depends on "
    "fruit>=2 and you require fruit==1.0, we can conclude that jam==1.0 cannot be used. And because you require "
    "jam==1.0, we can conclude that your requirements are unsatisfiable."
)


def test_packages_that_exclude_each_other_are_told_without_a_derivation() -> None:
    found = explain(UV)

    assert found["needs"] == [(">=2", "jam"), ("==1.0", "the bundle")]
    assert "no version of fruit suits all" in found["fault"] and "conclude" not in found["fault"]


def test_another_reason_stays_as_it_is() -> None:
    assert explain("its process was not ready") == {"fault": "its process was not ready"}


def test_the_log_has_what_an_example_took_and_what_was_denied() -> None:
    ran = Ran(seconds=1.5, completion_tokens=3, memory=5_000_000, denied={"network": 2})

    assert describe(ran) == "1.5 s, 3 tokens, 5 MB, denied calls: network 2"
    assert describe(Ran(error="No.", denied={})) == "No. 0 s, 0 tokens, 0 MB"
