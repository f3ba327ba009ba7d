"""What operator hooks make of a run, from its input to what is kept and what readers get."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from gptstore.jobs.events.events import gather_output
from gptstore.jobs.models import Job, Status
from gptstore.sdk import Canceled, Context, Document, File, Tool, ToolError, tool
from gptstore.sdk.stored_file import read_file
from gptstore.sdk.stored_table import StoredTable
from tests.worker import tools
from tests.worker.conftest import Workshop
from tests.worker.hooks.conftest import hook
from tests.worker.running import run_job
from worker.engine.protocol import Engine, Request
from worker.hooks import Allow, Change, Refuse, RunningJob
from worker.hooks.loading import LoadedHook, load_named
from worker.hooks.registry import OperatorHooks
from worker.jobs.run_end import EndReason

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., Workshop]
Screened = Callable[..., Workshop]


@pytest.fixture
def screened(workshop: Open) -> Screened:
    """A workshop of one tool, with hooks: `screened(tool, hook, …, engine=…)`."""

    def make(of: Tool, *hooks: LoadedHook, engine: Engine | None = None) -> Workshop:
        here = workshop(of, engine=engine)
        here.node.hooks = OperatorHooks(hooks)
        return here

    return make


def end(job: Job) -> tuple[str, str, str]:
    return job.status, job.error_code, job.output


def check_told(here: Workshop, job: Job) -> None:
    """What was streamed is what is kept, in text and in tokens."""
    said = gather_output(here.events(job))
    assert said.text == job.output
    assert here.events(job)[-1].name == "finished"
    assert said.tokens <= job.completion_tokens


def test_the_tool_and_the_model_get_the_masked_input_and_the_job_keeps_what_was_written(
    screened: Screened, open_engine: Callable[..., Engine]
) -> None:
    prompts: list[Any] = []

    def script(request: Request) -> list[str]:
        prompts.append(request.prompt)
        return ["Done."]

    here = screened(tools.echo, *load_named(["masking"]), engine=open_engine(script))
    job = here.run(tools.echo, text="Write to ada@example.org, +49 30 1234567.")
    assert prompts == ["Write to [email], [phone]."]
    assert (job.status, job.input) == (Status.SUCCEEDED, {"text": "Write to ada@example.org, +49 30 1234567."})


def test_a_hook_is_told_whose_run_it_is(screened: Screened) -> None:
    told: list[RunningJob] = []
    here = screened(tools.echo, hook(screen_input=lambda job: told.append(job)))
    job = here.run(tools.echo)
    assert told == [RunningJob(str(job.id), "echo", here.owner.id, 1)]


def test_a_refused_input_ends_the_job_before_its_tool_starts(screened: Screened) -> None:
    here = screened(tools.echo, hook(screen_input=lambda: Refuse("  Not here.\0 ")))
    job = here.run(tools.echo)
    assert end(job) == (Status.FAILED, "refused", "")
    assert (job.error_message, job.prompt_tokens) == ("Not here.", 0)
    assert [event.name for event in here.events(job)] == ["started", "finished"]


def test_a_refusal_without_a_reason_has_one_all_the_same(screened: Screened) -> None:
    assert screened(tools.echo, hook(screen_input=lambda: Refuse(""))).run(tools.echo).error_message


def fail(text: str) -> None:
    raise ValueError("secret detail")


@pytest.mark.parametrize("kind", ["screen_input", "screen_output"])
def test_a_screen_that_fails_lets_nothing_through_and_says_so_to_the_operator(screened: Screened, kind: str) -> None:
    here = screened(tools.echo, hook("acme", **{kind: fail}))
    with structlog.testing.capture_logs() as logs:
        job = here.run(tools.echo)
    assert end(job) == (Status.FAILED, "internal_error", "")
    assert "acme" in job.error_message
    assert "secret" not in job.error_message
    (line,) = [line for line in logs if line["event"] == "hook_failed"]
    assert (line["hook"], line["job"], line["exc_info"]) == ("acme", str(job.id), True)


def test_an_input_that_does_not_fit_after_a_change_is_not_blamed_on_the_installed_version(screened: Screened) -> None:
    here = screened(tools.strict, hook(screen_input=lambda text: Change(text * 9)))
    job = here.run(tools.strict, text="abc")
    assert end(job) == (Status.FAILED, "tool_error", "")
    assert job.error_message.startswith("As a filter of this site changed it")


def hold_last(text: str, ended: bool) -> Change:
    """Holds the last three characters, and shouts."""
    border = len(text) if ended else max(0, len(text) - 3)
    return Change(text[:border].upper(), len(text) - border)


def test_what_is_held_back_is_said_in_the_end(screened: Screened) -> None:
    here = screened(tools.echo, hook(screen_output=hold_last))
    job = here.run(tools.echo, text="one two three")
    assert end(job) == (Status.SUCCEEDED, "", "ONE TWO THREE ")
    check_told(here, job)
    assert gather_output(here.events(job)).tokens == job.completion_tokens == 3


def test_what_a_change_brings_can_be_kept(screened: Screened) -> None:
    job = screened(tools.echo, hook(screen_output=lambda text: Change("a\0\ud800b"))).run(tools.echo, text="x")
    assert end(job) == (Status.SUCCEEDED, "", "ab")


def test_a_refusal_in_the_middle_keeps_what_was_said(screened: Screened) -> None:
    def screen(before: str, text: str, ended: bool) -> Allow | Refuse:
        return Refuse("Enough.") if "stop" in text else Allow(hold=0 if ended else min(2, len(text)))

    here = screened(tools.recite, hook(screen_output=screen))
    job = here.run(tools.recite, text="one two stop three")
    assert end(job) == (Status.FAILED, "refused", "one tw")
    assert job.error_message == "Enough."
    check_told(here, job)


def test_a_refusal_at_the_very_end_counts_too(screened: Screened) -> None:
    def screen(text: str, ended: bool) -> Allow | Refuse:
        return Refuse("Too short.") if ended else Allow(hold=len(text))

    job = screened(tools.echo, hook(screen_output=screen)).run(tools.echo)
    assert end(job) == (Status.FAILED, "refused", "")


def test_a_tool_that_gives_up_has_said_what_was_held_back(screened: Screened) -> None:
    here = screened(tools.refuse, hook(screen_output=hold_last))
    job = here.run(tools.refuse)
    assert end(job) == (Status.FAILED, "tool_error", "SO FAR ")
    assert job.error_message == "NOTHING TO DO HERE."
    check_told(here, job)


def test_a_canceled_run_says_no_more(screened: Screened) -> None:
    asked: list[bool] = []

    def hold_all(text: str, ended: bool) -> Allow:
        asked.append(ended)
        return Allow(hold=0 if ended else len(text))

    @tool
    def gives_up(ctx: Context, text: str) -> Iterator[str]:
        """Says something, and hears that it was canceled."""
        yield "half"
        raise Canceled

    here = screened(gives_up, hook(screen_output=hold_all))
    job = here.run(gives_up)
    assert end(job) == (Status.CANCELED, "", "")
    assert asked == [False]


def test_log_lines_progress_and_words_of_failure_are_screened_too(screened: Screened) -> None:
    @tool
    def leaky(ctx: Context, text: str) -> Iterator[str]:
        """Says a secret everywhere."""
        yield "my sec"
        ctx.log("log secret")
        ctx.progress(1, 2, "progress secret")
        yield "ret"
        raise ToolError("failure secret")

    def star(text: str, ended: bool) -> Change:
        hold = 0 if ended else next((n for n in range(5, 0, -1) if text.endswith("secret"[:n])), 0)
        return Change(text[: len(text) - hold].replace("secret", "***"), hold)

    here = screened(leaky, hook(screen_output=star))
    job = here.run(leaky)
    assert end(job) == (Status.FAILED, "tool_error", "my ***")
    assert job.error_message == "failure ***"
    said = {event.name: event.data for event in here.events(job)}
    assert said["log"]["message"] == "log ***"
    assert said["progress"]["message"] == "progress ***"


def test_a_tool_that_does_not_mind_a_refusal_is_not_heard_any_more(screened: Screened) -> None:
    @tool
    def deaf(ctx: Context, text: str) -> Iterator[str]:
        """Goes on whatever happens."""
        yield "before "
        try:
            ctx.log("secret")
        except Exception:
            yield "after"

    @tool
    def mute(ctx: Context, text: str) -> str:
        """Takes a refusal for success."""
        try:
            ctx.log("secret")
        except Exception:
            return ""
        return "never"

    refusing = hook(screen_output=lambda text: Refuse("No.") if "secret" in text else None)
    assert end(screened(deaf, refusing).run(deaf)) == (Status.FAILED, "refused", "before ")
    assert end(screened(mute, refusing).run(mute)) == (Status.FAILED, "refused", "")


def test_without_hooks_nothing_is_asked_and_nothing_is_copied(workshop: Open) -> None:
    run = workshop(tools.echo).begin(tools.echo)
    assert run.filter is None
    assert run.input is run.job.input
    assert run.hooks.notifier is None


def test_a_run_that_goes_back_to_the_queue_says_no_more(screened: Screened) -> None:
    here = screened(tools.echo, hook(screen_output=hold_last))
    run = here.begin(tools.echo)
    run.filter and run.filter.feed("ab")
    run.stop(EndReason.WORKER_CLOSING)
    run_job(run, here.node.host)
    run.publisher.flush()
    run.job.refresh_from_db()
    assert (run.job.status, run.publisher.text) == (Status.QUEUED, "")


@tool
def read(ctx: Context, paper: Document, note: str = "") -> str:
    """Read a document."""
    return f"{paper.name}: {paper.text} {note}"


def test_a_file_comes_to_the_tool_as_it_was_sent_and_hooks_see_no_bytes(screened: Screened) -> None:
    seen: list[str] = []

    def screen(field: str, text: str) -> Change:
        seen.append(field)
        return Change("masked")

    here = screened(read, hook(screen_input=screen))
    paper = {"name": "a.txt", "data": b64encode(b"mail ada@example.org").decode()}
    job = here.run(read, paper=paper, note="secret")
    assert end(job) == (Status.SUCCEEDED, "", "a.txt: mail ada@example.org masked")
    assert seen == ["note"]
    assert job.input["paper"] == paper
    assert all(paper["data"] not in str(event.data) for event in here.events(job))


def test_log_probabilities_do_not_go_past_an_output_filter(screened: Screened) -> None:
    here = screened(tools.weighs, *load_named(["masking-answers"]))

    job = here.run(tools.weighs, text="Write to ada@example.org.")

    assert end(job) == (Status.FAILED, "refused", "")
    assert "Run it again without them." in job.error_message
    assert "ada" not in str(here.events(job))
    assert job.logprobs == ""


@tool(output="table")
def people(ctx: Context, text: str) -> Iterator[dict[str, Any]]:
    """Give a table with a name that no form may lose."""
    yield {"who": 'Ada "the first" Byron', "age": 36, "ok": True}
    yield {"who": "Bob", "age": None, "ok": False}
    ctx.log("Ada is in it")


def rename(text: str, before: str, ended: bool) -> Change:
    assert (before, ended) == ("", True) and text not in ("36", "true")
    return Change(text.replace("Ada", 'A\n"]'))


def test_a_table_is_filtered_by_its_texts_and_stays_one(screened: Screened) -> None:
    # Given a hook that would damage the stored form, if it saw that
    here = screened(people, hook(screen_output=rename))
    job = here.run(people)
    # Then cells are changed, and the table is whole
    table = StoredTable(job.output)
    assert (job.status, table.columns) == (Status.SUCCEEDED, ["who", "age", "ok"])
    assert [*table] == [['A\n"] "the first" Byron', 36, True], ["Bob", None, False]]
    check_told(here, job)
    # And so are messages beside it
    assert [event.data["message"] for event in here.events(job) if event.name == "log"] == ['A\n"] is in it']


def test_a_table_is_refused_by_one_of_its_cells(screened: Screened) -> None:
    here = screened(people, hook(screen_output=lambda text: Refuse("Not Bob.") if text == "Bob" else None))
    job = here.run(people)
    assert (job.status, job.error_code, job.error_message) == (Status.FAILED, "refused", "Not Bob.")
    assert "Bob" not in job.output


@tool(output="file")
def letter(ctx: Context, text: str) -> File:
    """Give a file."""
    ctx.progress(1, 2, "Ada")
    return File("ada.txt", b"Ada")


def test_a_file_goes_on_as_it_is_and_messages_beside_it_are_filtered(screened: Screened) -> None:
    here = screened(letter, hook(screen_output=lambda text: Change(text.replace("A", "B"))))
    job = here.run(letter)
    file = read_file(job.output)
    assert (job.status, file and (file.name, file.data)) == (Status.SUCCEEDED, ("ada.txt", b"Ada"))
    assert [event.data["message"] for event in here.events(job) if event.name == "progress"] == ["Bda"]
