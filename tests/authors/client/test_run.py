"""`gptstore run`: a tool of a real store from the shell, on a terminal, and over connections that break."""

import json
import signal

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import LOG, PROGRESS, Event
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import JobError, Outcome, Usage
from gptstore.jobs.models import Job, Status
from harness.site import Site
from harness.waiting import wait_until
from tests.api.acting_worker import ActingWorker
from tests.authors.client.command import Gptstore
from tests.authors.client.cutting_proxy import CuttingProxy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shout")]


def take(worker: ActingWorker) -> Job:
    """Claim the job as soon as there is one."""
    wait_until(lambda: Job.objects.filter(status=Status.QUEUED).exists(), "a queued job")
    return worker.claim()


def finish(worker: ActingWorker, status: Status, message: str = "") -> None:
    error = JobError(ErrorCode.TOOL_ERROR, message) if message else None
    outcome = Outcome(status, worker.publisher.text, Usage(1, 1), error)
    assert states.finish(worker.job, outcome)
    worker.publisher.finish()


def test_the_output_goes_to_a_pipe_byte_for_byte(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.start("run", "shout", "--text", "hello", "--times", "2") as process:
        job = take(worker)
        worker.say("HÉL", "\n", "LO\x1b[31m\r\n世界 ")
        worker.succeed()
        printed, said = process.communicate(timeout=60)

    assert printed.decode() == "HÉL\nLO\x1b[31m\r\n世界 "
    assert (process.returncode, said) == (0, b"")
    assert job.input == {"text": "hello", "times": 2, "mood": "calm"}


def test_a_terminal_shows_the_text_as_it_arrives(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.terminal("run", "shout", "--text", "hello") as terminal:
        take(worker)
        worker.say("HEL")
        terminal.wait_for("HEL")
        worker.say("LO")
        terminal.wait_for("HELLO")
        worker.succeed()
        assert terminal.end() == 0

    assert terminal.text.endswith("HELLO\n")


def test_a_terminal_gets_no_escape_sequence_of_the_model(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.terminal("run", "shout", "--text", "hello") as terminal:
        take(worker)
        worker.say("safe ", "\x1b", "]0;title\x07 \x9b2J over\rwritten \x7f end")
        worker.succeed()
        assert terminal.end() == 0

    assert "safe ␛]0;title␇ �2J over\nwritten ␡ end" in terminal.text


def test_json_has_every_event_on_a_line(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.start("run", "shout", "--text", "hello", "--json") as process:
        take(worker)
        worker.say("HEL", "LO")
        worker.succeed()
        printed, _said = process.communicate(timeout=60)

    events = [json.loads(line) for line in printed.decode().split("\n")[:-1]]
    assert (events[0]["event"], events[-1]["event"]) == ("started", "finished")
    assert "".join(event["data"]["text"] for event in events if event["event"] == "output") == "HELLO"
    assert events[-1]["data"]["output"] == "HELLO"


def test_a_text_from_a_pipe_is_the_first_required_text(gptstore: Gptstore, worker: ActingWorker) -> None:
    done = gptstore.run("run", "shout", "--mood", "wild", "--detach", stdin="été\n".encode())

    job = Job.objects.get()
    assert done.stdout == f"{job.id}\n"
    assert job.input == {"text": "été\n", "times": 1, "mood": "wild"}


def test_flags_win_over_the_whole_input(gptstore: Gptstore) -> None:
    (gptstore.folder / "input.json").write_text('{"text": "from the file", "times": 3}')

    gptstore.run("run", "shout", "--input", "@input.json", "--times", "4", "--batch", "--detach")

    job = Job.objects.get()
    assert (job.input["text"], job.input["times"], job.batch) == ("from the file", 4, True)


def test_a_missing_input_is_named_before_anything_is_sent(gptstore: Gptstore) -> None:
    done = gptstore.run("run", "shout")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: --text: This field is required.\n"
    assert not Job.objects.exists()


def test_what_the_store_refuses_is_shown_for_each_flag(gptstore: Gptstore) -> None:
    done = gptstore.run("run", "shout", "--text", "x" * 1001, "--times", "10")

    assert done.returncode == 2
    assert "--text: At most 1000 characters; this has 1001." in done.stderr
    assert "--times: At most 9." in done.stderr


def test_an_option_that_the_store_refuses_is_named(gptstore: Gptstore) -> None:
    done = gptstore.run("run", "shout", "--text", "hello", "--cancel-after", "tomorrow")

    assert done.returncode == 2
    assert done.stderr.startswith("Error: --cancel-after: Send a time")


def test_options_may_stand_before_the_tool_and_behind_it(gptstore: Gptstore, site: Site) -> None:
    before = gptstore.run(
        "run", "--server", site.url, "--batch", "shout", "--text", "a", "--detach", GPTSTORE_SERVER=""
    )
    behind = gptstore.run("run", "shout", "--text", "b", "--detach", f"--server={site.url}", GPTSTORE_SERVER="")

    assert (before.returncode, behind.returncode) == (0, 0), before.stderr + behind.stderr
    assert {job.input["text"]: job.batch for job in Job.objects.all()} == {"a": True, "b": False}


@pytest.mark.parametrize("target", ["", "missing/answer.txt"])
def test_a_file_that_cannot_be_written_is_found_before_the_run(gptstore: Gptstore, target: str) -> None:
    done = gptstore.run("run", "shout", "--text", "hello", "--output", str(gptstore.folder / target))

    assert done.returncode == 2
    assert not Job.objects.exists()


def test_help_shows_the_flags_of_the_tool(gptstore: Gptstore) -> None:
    done = gptstore.run("run", "shout", "--help", GPTSTORE_API_KEY="")

    assert done.returncode == 0
    assert "Usage: gptstore run shout" in done.stdout
    assert "--mood" in done.stdout and "calm|wild" in done.stdout and "default: calm" in done.stdout


def test_an_unknown_tool_is_named(gptstore: Gptstore) -> None:
    done = gptstore.run("run", "whisper", "--text", "hello")

    assert (done.returncode, done.stderr) == (1, "Error: There is no tool “whisper”.\n")


def test_a_failed_run_has_status_1_and_says_why(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.start("run", "shout", "--text", "hello") as process:
        take(worker)
        worker.say("HEL")
        finish(worker, Status.FAILED, "Too \x1b[31mquiet.")
        printed, said = process.communicate(timeout=60)

    assert (process.returncode, printed) == (1, b"HEL")
    assert said.decode() == "Error: Too ␛[31mquiet. (tool_error)\n"


def test_a_file_gets_the_output_of_a_run_that_succeeded_only(gptstore: Gptstore, worker: ActingWorker) -> None:
    file = gptstore.folder / "answer.txt"
    file.write_text("what was there")
    arguments = ["run", "shout", "--text", "hello", "--output", str(file)]

    with gptstore.start(*arguments) as process:
        take(worker)
        worker.say("HEL")
        finish(worker, Status.FAILED, "Too quiet.")
        process.communicate(timeout=60)
    assert file.read_text() == "what was there"

    with gptstore.start(*arguments) as process:
        take(worker)
        worker.say("HELLO")
        worker.succeed()
        printed, _said = process.communicate(timeout=60)
    assert (file.read_text(), printed) == ("HELLO", b"")
    assert [path.name for path in gptstore.folder.iterdir() if path.is_file()] == ["answer.txt"]


def test_progress_is_shown_on_a_terminal_and_gone_at_the_end(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.terminal("run", "shout", "--text", "hello") as terminal:
        take(worker)
        worker.publisher.publish(Event(PROGRESS, {"done": 1, "total": 4, "message": "parts"}))
        worker.publisher.publish(Event(LOG, {"message": "a line of the log"}))
        worker.publisher.flush()
        terminal.wait_for("1 of 4 parts")
        worker.say("HELLO")
        worker.succeed()
        assert terminal.end() == 0

    *_shown, kept = terminal.text.split("\r\x1b[2K")
    assert kept == "\x1b[2ma line of the log\x1b[0m\nHELLO\n"


def test_a_broken_connection_loses_and_repeats_nothing(
    gptstore: Gptstore, worker: ActingWorker, proxy: CuttingProxy
) -> None:
    with gptstore.start("run", "shout", "--text", "hello", GPTSTORE_SERVER=proxy.url) as process:
        take(worker)
        worker.say("one ", "two ")
        assert process.stdout is not None
        begun = process.stdout.read(8)
        proxy.cut()
        worker.say("three ")
        wait_until(lambda: proxy.heads("Last-Event-ID"), "a connection that goes on")
        worker.say("four")
        worker.succeed()
        printed, said = process.communicate(timeout=60)

    assert begun + printed == b"one two three four"
    assert process.returncode == 0
    assert b"Trying again" in said


def test_a_submission_whose_answer_is_lost_is_one_run(
    gptstore: Gptstore, worker: ActingWorker, proxy: CuttingProxy
) -> None:
    # Given a store whose answer to the submission never arrives
    proxy.lose_responses = 1
    with gptstore.start("run", "shout", "--text", "hello", GPTSTORE_SERVER=proxy.url) as process:
        assert proxy.lost.wait(60)
        # When the command sends it again
        take(worker)
        worker.say("HELLO")
        worker.succeed()
        printed, _said = process.communicate(timeout=60)
    # Then there is one run, and its output
    assert (process.returncode, printed) == (0, b"HELLO")
    assert len(proxy.heads("POST /api/v1/tools/shout/jobs")) == 2
    assert Job.objects.count() == 1


def test_a_run_that_begins_again_goes_on_where_its_text_is_the_same(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.start("run", "shout", "--text", "hello") as process:
        first = take(worker)
        worker.say("one ", "two ")
        assert process.stdout is not None
        begun = process.stdout.read(8)
        assert states.requeue(first)
        take(worker)
        worker.say("one two ", "three")
        worker.succeed()
        printed, _said = process.communicate(timeout=60)

    assert (process.returncode, begun + printed) == (0, b"one two three")


def test_a_pipe_that_has_another_text_already_is_told(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.start("run", "shout", "--text", "hello") as process:
        first = take(worker)
        worker.say("one ")
        assert process.stdout is not None
        process.stdout.read(4)
        assert states.requeue(first)
        take(worker)
        worker.say("another")
        worker.succeed()
        printed, said = process.communicate(timeout=60)

    assert (process.returncode, printed) == (1, b"")
    assert b"The run began again" in said and str(first.id).encode() in said


@pytest.mark.parametrize("where", ["pipe", "terminal"])
def test_an_interrupt_cancels_the_run(gptstore: Gptstore, worker: ActingWorker, where: str) -> None:
    start = gptstore.start if where == "pipe" else gptstore.terminal
    with start("run", "shout", "--text", "hello") as started:
        process = started if where == "pipe" else started.process  # type: ignore[union-attr]
        take(worker)
        worker.say("HEL")
        if where == "pipe":
            process.stdout.read(3)  # type: ignore[union-attr]
        else:
            started.wait_for("HEL")  # type: ignore[union-attr]
        process.send_signal(signal.SIGINT)  # type: ignore[union-attr]
        wait_until(lambda: Job.objects.filter(cancel_requested=True).exists(), "the request to cancel")
        finish(worker, Status.CANCELED)
        assert process.wait(60) == 130  # type: ignore[union-attr]


def test_a_second_interrupt_leaves_at_once(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.start("run", "shout", "--text", "hello") as process:
        take(worker)
        worker.say("HEL")
        assert process.stdout is not None
        process.stdout.read(3)
        process.send_signal(signal.SIGINT)
        wait_until(lambda: Job.objects.filter(cancel_requested=True).exists(), "the request to cancel")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130

    assert Job.objects.get().status == Status.RUNNING


def test_a_reader_that_goes_away_cancels_the_run(gptstore: Gptstore, worker: ActingWorker) -> None:
    with gptstore.start("run", "shout", "--text", "hello") as process:
        take(worker)
        assert process.stdout is not None
        process.stdout.close()
        worker.say("HEL", "LO")
        wait_until(lambda: Job.objects.filter(cancel_requested=True).exists(), "the request to cancel")
        finish(worker, Status.CANCELED)
        assert process.wait(60) == 1


def test_a_store_that_is_not_there_is_status_3(gptstore: Gptstore) -> None:
    done = gptstore.run("run", "shout", "--text", "hello", GPTSTORE_SERVER="http://127.0.0.1:9")

    assert done.returncode == 3
    assert "http://127.0.0.1:9 does not answer" in done.stderr


def test_a_wrong_key_is_status_3_and_never_shown(gptstore: Gptstore) -> None:
    done = gptstore.run("run", "shout", "--text", "hello", GPTSTORE_API_KEY="gs_wrong")

    assert done.returncode == 3
    assert "gptstore login --server" in done.stderr
    assert "gs_wrong" not in done.stderr + done.stdout


def test_somebody_elses_run_is_not_there(gptstore: Gptstore, person: User, shout: Tool) -> None:
    done = gptstore.run("follow", "01a2049d-4169-7a2d-bbe0-22a2f7cc4cff")

    assert (done.returncode, done.stderr) == (1, "Error: You have no job with this id.\n")
