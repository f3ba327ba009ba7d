"""What a run inside the worker's process may take, and how it ends when it takes more."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

import pytest

from gptstore.catalog.models import Tool as ToolRow
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import Usage
from gptstore.jobs.models import Job, Status
from gptstore.sdk import Canceled
from gptstore.sdk.limits import LOG_LINES, MEMORY, MODEL_TOKENS, OUTPUT, SECONDS
from harness.hostile.gptstore_hostile.greedy import take
from tests.worker import tools
from tests.worker.conftest import Workshop
from tests.worker.limit_cases import OWN, SITE
from tests.worker.running import run_job
from worker.engine.errors import PromptTooLong
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Request
from worker.hosts.limit import Limit
from worker.jobs.outcome import stop_overdue
from worker.jobs.run_end import EndReason

pytestmark = pytest.mark.django_db(transaction=True)


def endless(request: Request) -> Iterable[str]:
    return (f"{number} " for number in count(1))


@pytest.fixture
def here(workshop: Callable[..., Workshop], open_engine: Callable[..., Engine]) -> Workshop:
    here = workshop(take, tools.echo, tools.busy, engine=open_engine(endless, delay_s=0.001))
    here.add(take)
    return here


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[tools.Waiting]:
    monkeypatch.setattr(tools, "waiting", tools.Waiting())
    yield tools.waiting
    tools.waiting.go_on.set()


def allow(**limits: int) -> None:
    """As if its author had declared it."""
    ToolRow.objects.update(limits=limits)


def bound(settings: Any, **values: int) -> None:
    """As if the operator had set it."""
    settings.ENV = settings.ENV.model_copy(update=values)


def lines(here: Workshop, job: Job) -> int:
    return sum(event.name == "log" for event in here.events(job))


@pytest.mark.parametrize("what", OWN)
@pytest.mark.parametrize("then", ["end", "go on", "lie"])
def test_what_its_author_allowed_ends_a_run(what: str, then: str, here: Workshop) -> None:
    limits, words = OWN[what]
    allow(**limits)
    job = here.run(take, what=what, times=50, then=then)
    assert (job.status, job.error_code) == (Status.FAILED, "limit_exceeded")
    assert words in job.error_message
    assert f"its author ({next(iter(limits))})" in job.error_message
    assert_kept(here, job)


@pytest.mark.parametrize("what", OWN)
def test_what_an_admin_allows_ends_the_next_run(what: str, here: Workshop) -> None:
    limits, words = OWN[what]
    (name,) = limits
    allow(**{name: limits[name] * 10})
    assert words not in here.run(take, what=what, times=1).error_message

    ToolRow.objects.update(admin_limits=limits)
    job = here.run(take, what=what, times=50)

    assert (job.status, job.error_code) == (Status.FAILED, "limit_exceeded")
    assert words in job.error_message and f"an admin of this site ({name})" in job.error_message


@pytest.mark.parametrize("what", SITE)
def test_what_the_site_allows_ends_a_run_whose_tool_allows_more(what: str, here: Workshop, settings: Any) -> None:
    setting, most, words = SITE[what]
    bound(settings, **{setting: most})
    allow(max_output_bytes=10**9, max_log_lines=10**9, max_model_tokens=10**9)
    job = here.run(take, what=what, times=500)
    assert (job.status, job.error_code) == (Status.FAILED, "limit_exceeded")
    assert words in job.error_message
    assert f"GPTSTORE_{setting.upper()}" in job.error_message
    assert_kept(here, job)


def assert_kept(here: Workshop, job: Job) -> None:
    """What it said and used is kept, nothing came later, and its model rests."""
    assert job.output == here.spoken(job)
    assert job.output.startswith("before ")
    assert "after" not in job.output
    assert here.events(job)[-1].name == "finished"
    assert here.node.engine.stats().running == 0


@pytest.mark.parametrize(
    ("what", "times", "limits"),
    [
        ("output", 4, {"max_output_bytes": len("before ") + 4 * 3000 + len("after")}),
        ("lines", 4, {"max_log_lines": 4}),
    ],
)
def test_a_run_may_take_all_that_it_is_allowed(what: str, times: int, limits: dict[str, int], here: Workshop) -> None:
    allow(**limits)
    assert here.run(take, what=what, times=times).status == Status.SUCCEEDED
    (name,) = limits
    allow(**{name: limits[name] - 1})
    assert here.run(take, what=what, times=times).error_code == "limit_exceeded"


def test_prompts_and_answers_count_as_the_engine_counts_them(
    workshop: Callable[..., Workshop], open_engine: Callable[..., Engine]
) -> None:
    # Given a model that answers a prompt of three tokens with four
    here = workshop(take, engine=open_engine(lambda request: ["a", "b", "c", "d"]))
    here.add(take)
    # Then two questions fit into fourteen
    allow(max_model_tokens=14)
    job = here.run(take, what="tokens", times=2)
    assert (job.status, job.prompt_tokens, job.completion_tokens) == (Status.SUCCEEDED, 6, 8)
    # And into thirteen they don't; what was used is written all the same
    allow(max_model_tokens=13)
    job = here.run(take, what="tokens", times=2)
    assert (job.error_code, job.prompt_tokens, job.completion_tokens) == ("limit_exceeded", 6, 8)


def test_counting_tokens_costs_a_fraction_of_reading_them(here: Workshop) -> None:
    allow(max_model_tokens=10)
    run = here.begin(take, what="tokens")

    assert [run.count_tokens("word " * 160) for _ in range(2)] == [160, 160]
    with pytest.raises(Canceled):
        run.count_tokens("word " * 32)

    assert run.end.limit is run.limits[MODEL_TOKENS]
    assert run.requests.usage == Usage(0, 0)


def test_prompts_that_are_too_long_are_not_free(here: Workshop) -> None:
    allow(max_model_tokens=100)
    run = here.begin(take, what="tokens")
    prompt = "word " * (here.node.engine.info.context_length + 1)

    def ask_without_end() -> None:
        while True:
            with pytest.raises(PromptTooLong):
                list(run.generate(prompt, SamplingParams()))

    with pytest.raises(Canceled):
        ask_without_end()
    assert run.end.limit is run.limits[MODEL_TOKENS]


def test_the_model_stops_soon_after_the_last_token(here: Workshop) -> None:
    allow(max_model_tokens=30)
    job = here.run(take, what="passed")
    assert 30 < job.prompt_tokens + job.completion_tokens < 60


def test_output_is_kept_up_to_the_limit_in_whole_characters(here: Workshop) -> None:
    allow(max_output_bytes=len("before ") + 8)
    job = here.run(take, what="output")
    assert job.output == "before 汉汉"


def test_log_lines_are_kept_up_to_the_limit(here: Workshop) -> None:
    allow(max_log_lines=5)
    job = here.run(take, what="lines", then="go on", times=50)
    assert lines(here, job) == 5


def test_a_limit_of_one_run_is_no_limit_of_the_next(here: Workshop) -> None:
    allow(max_log_lines=5)
    for _ in range(3):
        assert here.run(take, what="lines", times=4).status == Status.SUCCEEDED


def test_a_cancel_wins(here: Workshop) -> None:
    allow(max_log_lines=5)
    run = here.begin(take, what="lines")
    states.request_cancel(run.job.id)
    run_job(run, here.node.host)
    run.job.refresh_from_db()
    assert (run.job.status, run.job.error_code, run.job.output) == (Status.CANCELED, "", "before ")


def test_the_first_reason_stays(here: Workshop) -> None:
    run = here.begin(take, what="lines")
    run.exceed(run.limits[LOG_LINES])
    run.exceed(run.limits[OUTPUT])
    run.end.deadline = 0.0
    run.time_out()
    assert run.end.limit is run.limits[LOG_LINES]


@pytest.mark.parametrize("reason", [EndReason.CANCELED, EndReason.WORKER_CLOSING, EndReason.FINISHED])
def test_a_run_that_ends_for_another_reason_has_exceeded_nothing(reason: EndReason, here: Workshop) -> None:
    run = here.begin(take, what="lines")
    run.stop(reason)
    run.exceed(run.limits[LOG_LINES])
    assert run.end.limit is None


def test_the_job_of_a_tool_that_goes_on_ends_without_it(here: Workshop, waiting: tools.Waiting) -> None:
    # Given a run that went over a limit, whose tool never looks up
    run = here.begin(tools.busy)
    run.exceed(run.limits[OUTPUT])
    stop_overdue([run])
    assert Job.objects.get().status == Status.RUNNING
    # When the patience is at its end
    run.end.patience_ends = 0.0
    stop_overdue([run])
    # Then the job has ended with the reason
    job = Job.objects.get()
    assert (job.status, job.error_code) == (Status.FAILED, "limit_exceeded")
    assert "10 MB of output" in job.error_message
    assert run.end.reason is EndReason.JOB_LOST


def test_a_closing_worker_does_not_give_back_a_job_that_went_over_its_limit(here: Workshop) -> None:
    allow(max_log_lines=5)
    run = here.begin(take, what="lines")
    run.exceed(run.limits[LOG_LINES])
    run.stop(EndReason.WORKER_CLOSING)
    run_job(run, here.node.host)
    run.job.refresh_from_db()
    assert (run.job.status, run.job.error_code) == (Status.FAILED, "limit_exceeded")


def test_a_run_knows_its_limits(here: Workshop, settings: Any) -> None:
    bound(settings, job_max_seconds=60, tool_output_mb=2, tool_model_tokens=3, tool_log_lines=4)
    allow(max_memory_mb=50, max_output_bytes=1, max_model_tokens=2, max_log_lines=3)
    ToolRow.objects.update(max_seconds=9)
    limits = here.begin(take, what="lines").limits
    found: list[Any] = [limits[OUTPUT], limits[MODEL_TOKENS], limits[LOG_LINES]]
    assert limits[SECONDS] == Limit(SECONDS, 9, 60)
    assert [(limit.own, limit.ceiling) for limit in found] == [(1, 2_000_000), (2, 3), (3, 4)]
    assert limits[MEMORY].own == 50_000_000
