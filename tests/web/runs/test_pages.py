"""The pages of runs: who sees them, and what they show in each state."""

import json
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import OutputSoFar
from gptstore.jobs.models import Job, Status
from gptstore.jobs.workers import WorkerInfo, beat
from gptstore.sdk.render.live_output import first_part
from gptstore.sdk.render.process import RenderProcess
from gptstore.web.render.renderer import MAX_RENDERED, renderer
from gptstore.web.runs import page as run_page
from gptstore.web.runs.page import RunPage
from harness.redis import RedisServer
from harness.rows import make_job, make_tool, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_user("ada")


@pytest.fixture
def shout() -> Tool:
    return make_tool("shout")


@pytest.fixture
def mine(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a job that runs have said something, as its events would tell."""

    def say(text: str, **values: Any) -> None:
        monkeypatch.setattr(
            run_page, "read_output_so_far", lambda job: OutputSoFar(text, values.pop("tokens", 0), **values)
        )

    return say


PAGES = ["", "output", "queue", "download", "events"]


@pytest.mark.parametrize("page", PAGES)
def test_the_run_of_someone_else_is_not_there(mine: Client, shout: Tool, page: str) -> None:
    others = make_job(make_user("bob"), shout)
    assert mine.get(f"/runs/{others.id}/{page}").status_code == 404
    assert mine.get(f"/runs/{uuid4()}/{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_staff_see_only_their_own_runs_too(client: Client, shout: Tool, page: str) -> None:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    assert client.get(f"/runs/{make_job(make_user('bob'), shout).id}/{page}").status_code == 404


@pytest.mark.parametrize("page", ["", "output", "queue", "download"])
def test_guests_sign_in_first(client: Client, ada: User, shout: Tool, page: str) -> None:
    address = f"/runs/{make_job(ada, shout).id}/{page}"
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"


def test_guests_get_no_events(client: Client, ada: User, shout: Tool) -> None:
    assert client.get(f"/runs/{make_job(ada, shout).id}/events").status_code == 404


def test_nobody_cancels_the_run_of_someone_else(mine: Client, shout: Tool) -> None:
    others = make_job(make_user("bob"), shout)
    assert mine.post(f"/runs/{others.id}/cancel").status_code == 404
    others.refresh_from_db()
    assert others.status == Status.QUEUED


def test_cancel_is_no_link(mine: Client, ada: User, shout: Tool) -> None:
    assert mine.get(f"/runs/{make_job(ada, shout).id}/cancel").status_code == 405


def test_cancel_needs_the_token_of_the_form(ada: User, shout: Tool) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(f"/runs/{make_job(ada, shout).id}/cancel").status_code == 403


def test_cancel_ends_a_queued_run_and_shows_it(mine: Client, ada: User, shout: Tool) -> None:
    job = make_job(ada, shout)
    response = mine.post(f"/runs/{job.id}/cancel", follow=True)
    assert "Canceled" in response.content.decode()


def test_a_queued_run_says_when_it_starts(mine: Client, ada: User, shout: Tool) -> None:
    beat(WorkerInfo("w1", "m", True, 1, 1024, "cpu", ["shout"], slots=1))
    make_job(ada, shout, Status.RUNNING)
    first, second = make_job(ada, shout), make_job(ada, shout)
    assert "Next in line." in mine.get(first.get_absolute_url()).content.decode()
    assert "Number 2 in line." in mine.get(second.get_absolute_url()).content.decode()


def test_a_queued_run_asks_again_for_its_place_until_it_has_left_the_queue(
    mine: Client, ada: User, shout: Tool
) -> None:
    job = make_job(ada, shout)
    asks = f'hx-get="/runs/{job.id}/queue"'
    assert asks in mine.get(job.get_absolute_url()).content.decode()
    part = mine.get(f"/runs/{job.id}/queue").content.decode()
    assert asks in part
    assert "No worker is running at the moment: your run starts when one is back." in part
    Job.objects.update(status=Status.RUNNING)
    assert mine.get(f"/runs/{job.id}/queue").content.decode().strip() == ""
    assert asks not in mine.get(job.get_absolute_url()).content.decode()


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_without_a_worker_a_run_that_goes_on_says_so_once(mine: Client, ada: User, shout: Tool, status: Status) -> None:
    page = mine.get(make_job(ada, shout, status).get_absolute_url()).content.decode()
    content = page[page.index('id="run"') : page.index("<footer")]
    assert content.count("No worker is") == 1


@pytest.mark.parametrize("batch", [True, False])
def test_a_batch_run_says_that_it_is_one(mine: Client, ada: User, shout: Tool, batch: bool) -> None:
    page = mine.get(make_job(ada, shout, batch=batch).get_absolute_url()).content.decode()
    assert ("<dd>Batch</dd>" in page) is batch


def test_without_javascript_an_active_run_reloads_itself_and_a_final_one_does_not(
    mine: Client, ada: User, shout: Tool
) -> None:
    active = mine.get(make_job(ada, shout, Status.RUNNING).get_absolute_url()).content.decode()
    final = mine.get(make_job(ada, shout, Status.SUCCEEDED).get_absolute_url()).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in active
    assert 'http-equiv="refresh"' not in final


def test_a_final_run_shows_its_answer_figures_and_input(mine: Client, ada: User, shout: Tool) -> None:
    job = make_job(ada, shout, Status.SUCCEEDED, output="HELLO <b>", input={"text": "hel<lo"}, completion_tokens=1234)
    page = mine.get(job.get_absolute_url()).content.decode()
    assert "HELLO &lt;b&gt;" in page
    assert "hel&lt;lo" in page
    assert "1,234" in page
    assert f"/tools/shout/?from={job.id}" in page
    assert "Cancel run" not in page


def test_a_failed_run_says_why_what_to_do_and_keeps_what_was_said(mine: Client, ada: User, shout: Tool) -> None:
    job = make_job(
        ada, shout, Status.FAILED, output="so far", error_code=ErrorCode.TOOL_ERROR, error_message="No <text>."
    )
    page = mine.get(job.get_absolute_url()).content.decode()
    assert "No &lt;text&gt;." in page
    assert "Change the input and run it again." in page
    assert "so far" in page


GENERAL_ADVICE = "Run it again. If it fails once more, tell the operator of this site."
ONLY_AGAIN = {
    ErrorCode.OUT_OF_MEMORY: "of the runs beside it: there may be room later",
    ErrorCode.ENGINE_ERROR: "of the model's process, which is started again",
    ErrorCode.WORKER_LOST: "of the machines",
    ErrorCode.INTERNAL_ERROR: "of the store",
}
"""Errors that no input causes, and of whom each is the fault: a person can do nothing else about them."""


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_comes_with_advice(ada: User, shout: Tool, code: ErrorCode) -> None:
    advice = RunPage(make_job(ada, shout, Status.FAILED, error_code=code)).advice
    assert advice
    assert (advice == GENERAL_ADVICE) is (code in ONLY_AGAIN)


def test_a_run_of_a_tool_that_is_gone_can_be_read_but_not_repeated(mine: Client, ada: User) -> None:
    job = make_job(ada, make_tool("old", installed=False), Status.SUCCEEDED, output="kept")
    page = mine.get(job.get_absolute_url()).content.decode()
    assert "kept" in page
    assert "Run again" not in page


@pytest.mark.parametrize(
    ("kind", "text", "head", "tail"),
    [
        ("text", "one\ntwo", "", "one\ntwo"),
        ("code", "one\ntwo", "one\n", "two"),
        ("json", '{"a":', "", '{"a":'),
        ("markdown", "one\ntwo", "one\ntwo", ""),
        ("markdown", "**one.** ", "**one.**", " "),
    ],
)
def test_what_was_said_so_far_is_split_into_what_is_drawn_and_the_rest(
    ada: User, said: Any, kind: str, text: str, head: str, tail: str
) -> None:
    said(text)
    page = RunPage(make_job(ada, make_tool("shout", output=kind), Status.RUNNING))
    assert (page.shown.head, page.shown.tail) == (head, tail)


def test_the_fragment_tells_what_it_covers_as_javascript_counts(mine: Client, ada: User, said: Any) -> None:
    job = make_job(ada, make_tool("shout", output="markdown"), Status.RUNNING)
    said("**é** 😀", tokens=7)
    answer = mine.get(f"/runs/{job.id}/output").content.decode()
    assert 'data-length="8"' in answer
    assert 'data-token-count="7"' in answer
    assert 'data-open="true"' in answer
    assert "<strong>é</strong>" in answer


def test_the_page_of_a_run_shows_progress_and_log(mine: Client, ada: User, shout: Tool, said: Any) -> None:
    said("", progress={"done": 1, "total": 4, "message": "Part 1"}, logs=("found <it>",))
    page = mine.get(make_job(ada, shout, Status.RUNNING).get_absolute_url()).content.decode()
    assert 'max="4" value="1"' in page
    assert "Part 1" in page
    assert "found &lt;it&gt;" in page


def test_scripts_get_the_part_that_changes(mine: Client, ada: User, shout: Tool) -> None:
    job = make_job(ada, shout, Status.SUCCEEDED, output="done")
    part = mine.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'data-final="true"' in part


@pytest.mark.parametrize(
    ("kind", "language", "suffix", "content_type"),
    [
        ("text", "", "txt", "text/plain"),
        ("markdown", "", "md", "text/markdown"),
        ("json", "", "json", "application/json"),
        ("code", "python", "py", "text/plain"),
        ("code", "html", "html", "text/plain"),
        ("code", "../x", "txt", "text/plain"),
    ],
)
def test_the_answer_is_downloaded_as_it_is_and_never_opened(
    mine: Client, ada: User, kind: str, language: str, suffix: str, content_type: str
) -> None:
    job = make_job(
        ada, make_tool("shout", output=kind), Status.SUCCEEDED, output="é\n<script>", output_language=language
    )
    response = mine.get(f"/runs/{job.id}/download")
    assert response.content.decode() == "é\n<script>"
    assert response["Content-Disposition"] == f'attachment; filename="shout-{str(job.id)[-8:]}.{suffix}"'
    assert response["Content-Type"] == f"{content_type}; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"


LINE = "**word** " * 10 + "\n"
LONG = LINE * (MAX_RENDERED // len(LINE) + 1_000)


@pytest.mark.parametrize("kind", ["text", "markdown", "code", "json"])
def test_a_long_answer_shows_its_first_part_with_a_way_to_the_whole(mine: Client, ada: User, kind: str) -> None:
    job = make_job(ada, make_tool("shout", output=kind), Status.SUCCEEDED, output=LONG + "the end")
    page = mine.get(job.get_absolute_url()).content.decode()
    assert "the end" not in page
    assert "This is the first part of a long answer: 199,9" in page
    assert f'<a href="/runs/{job.id}/download" download>Download the whole answer</a>' in page
    assert 'data-copy="#output-raw"' not in page  # it would copy a part
    assert mine.get(f"/runs/{job.id}/download").content.decode() == LONG + "the end"


def test_an_answer_that_is_not_long_is_shown_whole(mine: Client, ada: User, shout: Tool) -> None:
    page = mine.get(make_job(ada, shout, Status.SUCCEEDED, output="short").get_absolute_url()).content.decode()
    assert "first part of a long answer" not in page
    assert 'data-copy="#output-raw"' in page


@pytest.mark.parametrize("kind", ["text", "markdown", "code"])
def test_a_long_answer_is_not_sent_again_and_again_while_it_comes(
    mine: Client, ada: User, said: Any, kind: str
) -> None:
    said(LONG * 3)
    job = make_job(ada, make_tool("shout", output=kind), Status.RUNNING)
    assert len(mine.get(job.get_absolute_url()).content) < 4 * MAX_RENDERED
    assert len(mine.get(f"/runs/{job.id}/output").content) < 4 * MAX_RENDERED


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("x" * MAX_RENDERED, MAX_RENDERED),
        ("x" * (MAX_RENDERED + 1), MAX_RENDERED),
        ("x" * 150_000 + "\n" + "y" * 150_000, 150_001),
        ("x\n" + "y" * 250_000, MAX_RENDERED),
    ],
)
def test_the_first_part_ends_with_a_line_unless_that_is_too_long(text: str, part: int) -> None:
    assert first_part(text) == text[:part]


def test_a_finished_run_is_rendered_once_however_often_it_is_seen(
    mine: Client, ada: User, monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer
) -> None:
    renderer.cache_clear()  # which may have found no Redis in an earlier test
    rendered = []
    render = RenderProcess.render
    monkeypatch.setattr(RenderProcess, "render", lambda *args: rendered.append(args[1].text) or render(*args))
    job = make_job(ada, make_tool("shout", output="markdown"), Status.SUCCEEDED, output="**seen**")
    for address in (job.get_absolute_url(), f"/runs/{job.id}/output", job.get_absolute_url()):
        assert "<strong>seen</strong>" in mine.get(address).content.decode()
    renderer.cache_clear()  # another web process
    assert "<strong>seen</strong>" in mine.get(job.get_absolute_url()).content.decode()
    assert rendered == ["**seen**"]


def test_my_runs_are_mine(mine: Client, ada: User, shout: Tool) -> None:
    make_job(ada, shout, input={"text": "my words"})
    make_job(make_user("bob"), shout, input={"text": "not mine"})
    page = mine.get("/runs/").content.decode()
    assert "my words" in page
    assert "not mine" not in page


@pytest.fixture
def three(ada: User, shout: Tool) -> list[Job]:
    return [
        make_job(ada, shout, Status.SUCCEEDED, input={"text": "alpha"}, output="ÄPFEL"),
        make_job(ada, shout, Status.FAILED, input={"text": "beta 词"}, error_message="broke"),
        make_job(ada, make_tool("whisper"), Status.SUCCEEDED, input={"text": "gamma"}),
    ]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["alpha", "beta", "gamma"]),
        ({"status": "failed"}, ["beta"]),
        ({"tool": "whisper"}, ["gamma"]),
        ({"status": "succeeded", "tool": "shout"}, ["alpha"]),
        ({"q": "alph"}, ["alpha"]),
        ({"q": "ÄPFEL"}, ["alpha"]),
        ({"q": "词"}, ["beta"]),
        ({"status": "nonsense"}, ["alpha", "beta", "gamma"]),
        ({"page": "x"}, ["alpha", "beta", "gamma"]),
    ],
)
def test_my_runs_can_be_narrowed(mine: Client, three: list[Job], query: dict[str, str], shown: list[str]) -> None:
    page = mine.get("/runs/", query).content.decode()
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    assert [word for word in ("alpha", "beta", "gamma") if word in table] == shown


@pytest.mark.parametrize(
    ("kind", "output", "shown"),
    [
        (
            "markdown",
            "*Sentences chosen from the text:*\n\nOne \\_two\\_.",
            "Sentences chosen from the text: One _two_.",
        ),
        ("markdown", "**Part 1 of 2.** A [link](https://example.org).\n\n> quoted", "Part 1 of 2. A link. quoted"),
        ("markdown", "### Title\n\n- one\n- two `code`", "Title one two code"),
        ("markdown", "```python\nprint(1)\n```", "print(1)"),
        ("markdown", "&lt;b&gt; and \\&lt;", "&lt;b&gt; and &amp;lt;"),
        ("markdown", "| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
        ("markdown", "~~old~~ __new__ 非常**好**。", "old new 非常好。"),
        ("markdown", f"**{'word ' * 60}end**", f"{'word ' * 31}word…"),
        ("text", "*plain*\ntext", "*plain* text"),
        ("code", "__init__ = 1", "__init__ = 1"),
        ("json", '{"a": "*b*"}', "{&quot;a&quot;: &quot;*b*&quot;}"),
    ],
)
def test_my_runs_show_the_beginning_of_an_answer_without_markup(
    mine: Client, ada: User, kind: str, output: str, shown: str
) -> None:
    make_job(ada, make_tool("marks", output=kind), Status.SUCCEEDED, output=output)

    assert f'<span class="excerpt" dir="auto">{shown}</span>' in mine.get("/runs/").content.decode()


def test_filters_that_fit_nothing_show_the_way_back(mine: Client, three: list[Job]) -> None:
    assert "Show all runs" in mine.get("/runs/", {"q": "nowhere"}).content.decode()


def test_the_first_visit_says_where_to_begin(mine: Client) -> None:
    assert "No runs yet" in mine.get("/runs/").content.decode()


def test_older_runs_are_on_further_pages_that_keep_the_filters(mine: Client, ada: User, shout: Tool) -> None:
    for number in range(21):
        make_job(ada, shout, Status.SUCCEEDED, input={"text": f"run {number}"})
    page = mine.get("/runs/", {"status": "succeeded"}).content.decode()
    assert "?status=succeeded&amp;page=2" in page
    assert "run 0<" in mine.get("/runs/", {"status": "succeeded", "page": "2"}).content.decode()


def test_the_list_follows_runs_that_go_on_and_rests_when_none_does(mine: Client, ada: User, shout: Tool) -> None:
    make_job(ada, shout, Status.SUCCEEDED)
    assert "every 3s" not in mine.get("/runs/").content.decode()
    make_job(ada, shout, Status.RUNNING)
    assert "every 3s" in mine.get("/runs/").content.decode()


@pytest.mark.django_db(transaction=True)
async def test_the_events_of_an_own_run_end_with_the_whole_job(ada: User, shout: Tool) -> None:
    job = await Job.objects.acreate(
        owner=ada, tool=shout, tool_version="1", input={"text": "x"}, status=Status.SUCCEEDED, output="OUT"
    )
    client = AsyncClient()
    await client.aforce_login(ada)
    response = await client.get(f"/runs/{job.id}/events")
    assert response["Content-Type"] == "text/event-stream"
    text = b"".join([piece async for piece in response.streaming_content]).decode()
    finished = text[text.index("event: finished") :].split("data: ")[1]
    assert json.loads(finished)["output"] == "OUT"


@pytest.mark.parametrize("name", ["q", "tool", "status"])
def test_a_nul_in_a_filter_is_left_out(mine: Client, ada: User, shout: Tool, name: str) -> None:
    make_job(ada, shout, input={"text": "a"})
    response = mine.get("/runs/", {name: "\0"})
    assert response.status_code == 200
    assert not response.context["filters"], "PostgreSQL refuses it"


@pytest.mark.django_db(transaction=True)
async def test_head_opens_no_stream(async_client: AsyncClient, ada: User, shout: Tool) -> None:
    job = await sync_to_async(make_job)(ada, shout)
    await async_client.aforce_login(ada)
    response = await async_client.head(f"/runs/{job.id}/events")
    assert (response.status_code, response.streaming) == (200, False)
    assert response["Content-Type"] == "text/event-stream"
    assert (await async_client.post(f"/runs/{job.id}/events")).status_code == 405
