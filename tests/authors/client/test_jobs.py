"""`gptstore tools`, `jobs`, `follow`, `cancel` and the completion of slugs, against a real store."""

import json
import signal

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from harness.rows import make_job, make_tool, make_user
from harness.site import Site
from harness.waiting import wait_until
from tests.api.acting_worker import ActingWorker
from tests.authors.client.command import Gptstore

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_catalogue_is_json_lines_to_a_pipe(gptstore: Gptstore, shout: Tool) -> None:
    make_tool("whisper", summary="Says a text \x1b[2J softer.")

    tools = [json.loads(line) for line in gptstore.run("tools").stdout.splitlines()]
    found = [json.loads(line) for line in gptstore.run("tools", "softer").stdout.splitlines()]

    assert [tool["slug"] for tool in tools] == ["shout", "whisper"]
    assert [tool["slug"] for tool in found] == ["whisper"]


def test_the_catalogue_is_a_table_on_a_terminal(gptstore: Gptstore, shout: Tool) -> None:
    make_tool("whisper", summary="Says a text \x1b[2Jsofter.")

    with gptstore.terminal("tools") as terminal:
        assert terminal.end() == 0

    assert "shout    Says a text louder." in terminal.text
    assert "whisper  Says a text ␛[2Jsofter." in terminal.text


def test_a_slug_shows_the_flags_of_its_tool(gptstore: Gptstore, shout: Tool) -> None:
    with gptstore.terminal("tools", "shout") as terminal:
        assert terminal.end() == 0

    assert "Usage: gptstore run shout" in terminal.plain
    assert "calm|wild" in terminal.plain


def test_more_tools_than_a_page_has_are_all_listed(gptstore: Gptstore, shout: Tool) -> None:
    for number in range(101):
        make_tool(f"tool-{number}")

    assert len(gptstore.run("tools").stdout.splitlines()) == 102


def test_jobs_are_listed_by_tool_and_status(gptstore: Gptstore, person: User, shout: Tool) -> None:
    other = make_tool("whisper")
    make_job(person, shout, Status.SUCCEEDED, output="HELLO")
    make_job(person, shout, Status.FAILED)
    make_job(person, other, Status.SUCCEEDED)
    make_job(make_user("bob"), shout, Status.SUCCEEDED)

    def listed(*arguments: str) -> list[tuple[str, str]]:
        jobs = map(json.loads, gptstore.run("jobs", *arguments).stdout.splitlines())
        return [(job["tool"], job["status"]) for job in jobs]

    assert listed() == [("whisper", "succeeded"), ("shout", "failed"), ("shout", "succeeded")]
    assert listed("--limit", "1") == [("whisper", "succeeded")]
    assert listed("--tool", "shout", "--status", "succeeded") == [("shout", "succeeded")]
    assert gptstore.run("jobs", "--status", "nonsense").returncode == 2


def test_the_list_on_a_terminal_has_ids_that_can_be_typed(gptstore: Gptstore, person: User, shout: Tool) -> None:
    job = make_job(person, shout, Status.SUCCEEDED, output="HELLO\nWORLD\x1b[2J")

    with gptstore.terminal("jobs") as terminal:
        assert terminal.end() == 0
    [line] = [line for line in terminal.text.splitlines() if "succeeded" in line]
    short = line.split()[0]

    assert str(job.id).startswith(short) and len(short) == 8
    assert "HELLO WORLD" in line and "\x1b" not in line
    done = gptstore.run("jobs", short)
    assert done.stdout == "HELLO\nWORLD\x1b[2J"
    assert "shout: succeeded" in done.stderr


def test_a_beginning_that_fits_none_or_several_is_refused(gptstore: Gptstore, person: User, shout: Tool) -> None:
    jobs = [make_job(person, shout, Status.SUCCEEDED) for _ in range(2)]

    none, several = gptstore.run("jobs", "ffff"), gptstore.run("jobs", "0")

    assert (none.returncode, several.returncode) == (2, 2)
    assert "'ffff'" in none.stderr
    assert all(str(job.id) in several.stderr for job in jobs)


def test_following_starts_at_the_beginning_and_leaves_the_run_alone(
    gptstore: Gptstore, person: User, shout: Tool, worker: ActingWorker
) -> None:
    submit(person, shout, {"text": "hello"})
    job = worker.claim()
    worker.say("HEL")

    with gptstore.start("follow", str(job.id)[:8]) as process:
        assert process.stdout is not None
        assert process.stdout.read(3) == b"HEL"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert not Job.objects.get().cancel_requested

    with gptstore.start("follow", str(job.id)) as process:
        worker.say("LO")
        worker.succeed()
        assert process.communicate(timeout=60)[0] == b"HELLO"
        assert process.returncode == 0


def test_a_run_is_canceled_and_one_that_has_ended_stays(gptstore: Gptstore, person: User, shout: Tool) -> None:
    queued, ended = make_job(person, shout), make_job(person, shout, Status.SUCCEEDED)

    done = gptstore.run("cancel", str(queued.id), str(ended.id))

    assert done.returncode == 0
    assert f"{queued.id}: canceled" in done.stderr
    assert f"{ended.id}: it had succeeded already" in done.stderr
    assert Job.objects.get(id=queued.id).status == Status.CANCELED


def test_slugs_are_completed_from_the_store(gptstore: Gptstore, site: Site, shout: Tool) -> None:
    def complete() -> str:
        variables = {"_GPTSTORE_COMPLETE": "complete_bash", "COMP_WORDS": "gptstore run sh", "COMP_CWORD": "2"}
        return gptstore.run(**variables).stdout

    wait_until(lambda: "shout" in complete(), "an answer within half a second", every=0)


def test_a_store_that_is_away_completes_nothing(gptstore: Gptstore) -> None:
    variables = {"_GPTSTORE_COMPLETE": "complete_bash", "COMP_WORDS": "gptstore run sh", "COMP_CWORD": "2"}
    done = gptstore.run(**variables, GPTSTORE_SERVER="http://127.0.0.1:9")

    assert (done.stdout.strip(), done.stderr) == ("", "")
