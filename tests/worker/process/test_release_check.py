"""The words of a check on a worker: for people, and for its log."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gptstore.releases.check_report import Ran
from worker.process import release_check
from worker.process.release_check import Examination, NotRunnable, describe, explain

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


def examination(environment: Path | None = None) -> Examination:
    """Return a check by a worker that has made this environment of the release, or none."""
    deployed = {"k": SimpleNamespace(installation=environment and SimpleNamespace(environment=environment))}
    worker = SimpleNamespace(setup=SimpleNamespace(installer=SimpleNamespace(releases=deployed)))
    return Examination(worker, SimpleNamespace(release=SimpleNamespace(key="k", plugin=SimpleNamespace(name="p"))))  # type: ignore[arg-type]


def test_the_plugin_describes_itself_in_the_environment_that_was_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def answer(command: list[str]) -> dict[str, Any]:
        asked.append(command)
        return {"broken": [], "manifests": [{"name": "p"}]}

    monkeypatch.setattr(release_check, "ask", answer)

    assert examination(tmp_path).describe() == {"name": "p"}

    [command] = asked
    assert command[2:4] == ["worker.hosts.releases.describe", str(tmp_path)]


def test_without_an_environment_nothing_is_described() -> None:
    with pytest.raises(NotRunnable, match="taken away"):
        examination().describe()
