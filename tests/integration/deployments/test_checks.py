"""Workers check what was submitted: by running it, in the sandbox, before anybody has approved it."""

from pathlib import Path

import pytest

from gptstore.accounts.models import User
from gptstore.jobs.models import Job
from gptstore.releases.check_report import CheckReport
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from harness.waiting import wait_until
from tests.integration.deployments.fleet import Fleet, go_live, reports, state_of
from tests.integration.releases import Bundler

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.landlock]

CODE = """
from contextlib import suppress
from socket import socket
from time import sleep
from gptstore.sdk import Context, Example, ToolError, hookimpl, tool
{imports}

EXAMPLES = [Example("A word", {{"text": "hello"}}), Example("None", {{"text": "no"}})]

@tool(title="Say", summary="Says a text again.", examples=EXAMPLES)
def {slug}(ctx: Context, text: str) -> str:
    with suppress(OSError):
        socket()
    if text == "no":
        raise ToolError("I do not say this.")
    held = text.encode() * 12_000_000
    sleep(0.3)
    return "{version} " + ctx.model.complete(text)

@hookimpl
def gptstore_tools():
    return [{slug}]
"""


def checked(path: Path, by: User) -> tuple[Release, CheckReport]:
    """Submit a bundle, and wait for its check."""
    release = submit(path, by)
    done = Release.objects.filter(pk=release.pk, worker_check__ended_at__isnull=False)
    wait_until(done.exists, lambda: f"its check; {reports()} {log_of(release)}")
    release.refresh_from_db()
    return release, CheckReport.model_validate(release.worker_check.report)


def log_of(release: Release) -> list[str]:
    return [*Release.objects.filter(pk=release.pk).values_list("status", "worker_check__log")]


def test_what_runs_goes_to_review_with_its_examples_beside_those_of_the_live_release(
    fleet: Fleet,
    owner: User,
    boss: User,
    bundler: Bundler,
) -> None:
    # When an honest release is submitted
    release, report = checked(bundler.write_honest("checked", "1.0", CODE), owner)
    # Then a worker has run its examples on the model, and says how they ended
    assert (release.status, report.fault) == (ReleaseStatus.IN_REVIEW, "")
    said, refused = report.examples
    assert (said.new.error, said.new.output.split()) == ("", ["1.0", "hello"])
    assert said.new.completion_tokens > 0 and said.live is None
    assert 60_000_000 < said.new.memory < 400_000_000
    assert (said.new.denied, refused.new.denied) == ({"network": 1}, {"network": 1})
    assert "denied calls: network 1" in release.worker_check.log
    assert "I do not say this." in refused.new.error
    assert "“A word”" in release.worker_check.log
    assert report.model and report.sandbox in ("reduced", "full")
    # And it is there no more, and left no run
    wait_until(lambda: state_of(release) is None, lambda: f"its process to end: {reports()}")
    assert not Job.objects.exists()
    # When it is live, and the next one is submitted
    go_live(approve(release, boss))
    _, report = checked(bundler.write_honest("checked", "1.1", CODE), owner)
    # Then both answers are there
    said = report.examples[0]
    assert said.live and (said.new.output.split()[0], said.live.output.split()[0]) == ("1.1", "1.0")
    assert said.live.memory > 60_000_000
    assert (said.live.denied, said.more_denied) == ({"network": 1}, {})


def test_what_cannot_run_is_rejected_with_the_reason(
    fleet: Fleet,
    owner: User,
    bundler: Bundler,
) -> None:
    lies, report = checked(bundler.write("liar", "1.0"), owner)
    assert (lies.status, "describes itself otherwise" in report.fault) == (ReleaseStatus.REJECTED, True)

    broken, report = checked(bundler.write("cracked", "1.0", imports="import nothing_like_that"), owner)
    assert (broken.status, "nothing_like_that" in report.fault) == (ReleaseStatus.REJECTED, True)
