"""The page of `gptstore dev` over HTTP."""

import json
import re
import socket
import subprocess
import sys
from typing import Any

import httpx
import pytest

from gptstore.sdk.dev.event import Event
from gptstore.sdk.dev.page.page_run import PageRun
from gptstore.sdk.manifest import ToolManifest
from harness.waiting import wait_until
from tests.authors.dev.page.conftest import TOKEN, Served
from tests.authors.dev.project import ASK, HEAD, HOOK, body_of
from tests.web.html import Html

SCRIPT = {"HX-Request": "true"}
HI = {"input-text": "Hi", "input-mood": "wild"}


def run_id(page: str) -> str:
    found = re.search(r'data-page="/runs/([0-9a-f]+)/"', page)
    assert found, page
    return found[1]


def events_of(served: Served, id: str, **headers: str) -> list[tuple[str, Any]]:
    text = served.client.get(f"/runs/{id}/events", headers=headers).text
    return [(name, json.loads(data)) for name, data in re.findall(r"event: (\w+)\ndata: (.*)\n", text)]


def test_the_first_page_is_the_tools_form_filled_by_the_flags(served: Served) -> None:
    page = served.client.get("/")

    assert page.url.path == "/tools/ask/"
    assert 'value="From a flag"' in page.text
    assert "Ask the model." in page.text and 'data-example="0"' in page.text


def test_an_example_fills_the_form(served: Served) -> None:
    assert 'value="Hello"' in served.client.get("/tools/ask/?example=1").text


def test_a_plain_form_gets_the_page_with_the_finished_run(served: Served) -> None:
    page = served.post("/tools/ask/", HI).text

    assert 'data-status="succeeded"' in page and "Good **morning**." in page
    assert "wild: Hi" in page and "max_tokens=50" in page
    assert 'value="Hi"' in page


def test_a_script_gets_the_run_at_once_and_then_its_events(served: Served) -> None:
    part = served.post("/tools/ask/", HI, headers=SCRIPT).text
    id = run_id(part)
    events = events_of(served, id)

    assert "<html" not in part
    assert [name for name, _data in events if name != "output"] == ["started", "model", "finished"]
    assert "".join(data["text"] for name, data in events if name == "output") == "Good **morning**."
    assert "wild: Hi" in dict(events)["model"]["html"]
    assert dict(events)["finished"]["status"] == "succeeded"
    assert events_of(served, id, **{"Last-Event-ID": str(len(events) - 1)}) == events[-1:]


def test_an_output_is_drawn_as_its_kind(served: Served) -> None:
    served.write(ASK.replace('title="Ask",', 'title="Ask", output="markdown",'))

    part = served.post("/tools/ask/", HI, headers=SCRIPT).text
    events_of(served, run_id(part))

    assert "<strong>morning</strong>" in served.client.get(f"/runs/{run_id(part)}/output").text


def test_a_table_and_a_file_are_drawn_as_in_the_store(served: Served) -> None:
    table = body_of('yield {"who": "<b>Ada</b>", "pages": 3}').replace('title="Ask",', 'title="Ask", output="table",')
    served.write(table.replace("-> Iterator[str]", "-> Iterator[dict[str, str | int]]"))
    drawn = served.post("/tools/ask/", HI).text

    assert '<th scope="col" dir="auto">who</th>' in drawn
    assert "&lt;b&gt;Ada&lt;/b&gt;" in drawn and '<td class="number">3</td>' in drawn

    file = body_of('return File("report.txt", "All is well.")').replace('title="Ask",', 'title="Ask", output="file",')
    served.write(f"from gptstore.sdk import File\n\n{file.replace('Iterator[str]', 'File')}")
    drawn = served.post("/tools/ask/", HI).text

    assert "<bdi>report.txt</bdi>" in drawn and "text/plain · 12\xa0bytes" in drawn
    [saved] = [served.client.get(link) for link in Html(drawn).links if link.endswith("/download")]
    assert saved.content == b"All is well." and "report.txt" in saved.headers["content-disposition"]


def test_a_table_is_saved_as_csv_or_json(served: Served) -> None:
    table = body_of('yield {"who": "=Ada", "pages": 3}').replace('title="Ask",', 'title="Ask", output="table",')
    served.write(table.replace("-> Iterator[str]", "-> Iterator[dict[str, str | int]]"))
    links = [link for link in Html(served.post("/tools/ask/", HI).text).links if "/download" in link]

    csv, as_json = (served.client.get(link) for link in links)

    assert csv.text == "\ufeffwho,pages\r\n'=Ada,3\r\n" and csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert as_json.json() == [{"who": "=Ada", "pages": 3}]
    assert "sandbox" in csv.headers["content-security-policy"]


def test_what_has_not_ended_cannot_be_saved(served: Served) -> None:
    served.write(body_of('yield "slow"\nwhile not ctx.canceled:\n    time.sleep(0.01)'))
    id = run_id(served.post("/tools/ask/", HI, headers=SCRIPT).text)

    assert served.client.get(f"/runs/{id}/download").status_code == 404
    served.post(f"/runs/{id}/cancel")


def test_a_long_run_can_be_watched_and_canceled_by_plain_forms(served: Served) -> None:
    served.write(body_of('yield "slow"\nwhile not ctx.canceled:\n    time.sleep(0.01)\nyield "more"'))

    page = served.post("/tools/ask/", HI)

    assert page.url.path.startswith("/runs/") and 'http-equiv="refresh"' in page.text
    assert 'data-status="running"' in page.text and 'value="Hi"' in page.text
    [cancel] = [action for action in Html(page.text).values("action", "form") if action.endswith("/cancel")]
    served.post(cancel)
    served.site.runs[run_id(page.text)].wait()
    after = served.client.get(str(page.url)).text
    assert 'data-status="canceled"' in after and 'http-equiv="refresh"' not in after


def test_a_bad_input_comes_back_with_its_errors(served: Served) -> None:
    answer = served.post("/tools/ask/", {"input-text": "", "input-mood": "angry"})

    assert answer.status_code == 422
    assert "Please check what you entered" in answer.text
    assert "This field is required." in answer.text
    assert "Select a valid choice. angry is not one of the available choices." in answer.text


def test_one_field_is_checked_alone(served: Served) -> None:
    wrong = served.post("/tools/ask/check?field=text", {"input-text": " "}).text
    right = served.post("/tools/ask/check?field=text", {"input-text": "x"}).text

    assert "This field is required." in wrong and "required" not in right
    assert served.post("/tools/ask/check?field=nothing").status_code == 404


def test_what_the_tool_logs_prints_and_reports_is_shown(served: Served) -> None:
    served.write(body_of('ctx.log("found <it>")\nprint("a print")\nctx.progress(1, 4, "Part 1")\nyield "done"'))

    page = served.post("/tools/ask/", HI).text

    assert "found &lt;it&gt;" in page and '<li dir="auto" class="printed-line">a print</li>' in page


@pytest.mark.parametrize(
    ("lines", "code", "message"),
    [
        ('yield ""\nraise ToolError("No luck.")', "tool_error", "No luck."),
        ('yield ""\n1 / 0', "tool_crashed", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_run_that_fails_says_why(served: Served, lines: str, code: str, message: str) -> None:
    served.write(body_of(lines))

    page = served.post("/tools/ask/", HI).text

    assert 'data-status="failed"' in page and code in page and message in page


def test_a_run_can_be_canceled(served: Served) -> None:
    served.write(body_of('yield "slow"\nwhile not ctx.canceled:\n    time.sleep(0.01)\nyield "more"'))
    id = run_id(served.post("/tools/ask/", HI, headers=SCRIPT).text)
    wait_until(lambda: served.site.runs[id].output.whole == "slow", "the output")

    served.post(f"/runs/{id}/cancel")

    assert dict(events_of(served, id))["finished"]["status"] == "canceled"


def test_a_new_run_ends_the_one_before(served: Served) -> None:
    served.write(body_of('yield "slow"\nwhile not ctx.canceled:\n    time.sleep(0.01)\nyield "more"'))
    first, second = (run_id(served.post("/tools/ask/", HI, headers=SCRIPT).text) for _ in range(2))

    assert served.site.runs[first].status == "canceled"
    assert served.site.runs[second].status == "running"
    served.post(f"/runs/{second}/cancel")
    served.site.runs[second].wait()


def test_a_broken_save_is_the_line_of_check_and_the_form_stays(served: Served) -> None:
    before = served.site.version.number
    (served.folder / "acme_asker.py").write_text("def broken(:\n")
    wait_until(lambda: served.site.version.number > before, "the broken version")

    page = served.client.get("/tools/ask/").text

    assert "acme_asker.py:1: " in page and "Traceback" in page
    assert 'name="input-text"' in page and "disabled data-unavailable" in page
    answer = served.post("/tools/ask/", HI)
    assert answer.status_code == 422 and "acme_asker.py:1: " in answer.text


def test_several_tools_have_a_switch(served: Served) -> None:
    second = ASK.replace("def ask", "def other").replace('slug="ask"', 'slug="other"').replace('"Ask"', '"Other"')
    served.write(ASK + "\n\n" + second, "ask, other")

    page = Html(served.client.get("/tools/other/").text)

    assert {"/tools/ask/", "/tools/other/"} <= set(page.links)
    assert page.values("action", "form")[0] == "/tools/other/"


def test_the_manifest_is_what_a_store_would_get(served: Served) -> None:
    text = Html(served.client.get("/").text).text

    assert '"name": "acme-asker"' in text and '"schema_version": 1' in text


def test_a_tools_own_icon_is_its_picture(served: Served) -> None:
    (served.folder / "icon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h8v8z"/></svg>')
    served.write(ASK.replace('title="Ask",', 'title="Ask", icon="icon.svg",'))

    [picture] = Html(served.client.get("/").text).values("src", "img")

    assert picture.startswith("data:image/svg+xml;base64,")


def test_a_tool_that_is_gone_leads_to_the_first(served: Served) -> None:
    assert served.client.get("/tools/gone/").url.path == "/tools/ask/"


def test_a_reply_begins_with_the_conversation_and_its_answer(served: Served) -> None:
    chat = ASK.replace("text: str", "talk: Messages").replace("{text}", "{talk}")
    chat = re.sub(r", examples=.*?\)\]", "", chat)
    served.save(HEAD.replace("Context,", "Context, Messages,") + chat + HOOK.format("ask"))
    page = served.post("/tools/ask/", {"input-talk": "Hi", "input-mood": "calm"}).text
    [address] = [link for link in Html(page).links if "?from=" in link]

    form = Html(served.client.get(address).text)

    [earlier] = [given["value"] for tag, given in form.elements if given.get("name") == "input-talk-earlier"]
    assert [message["role"] for message in json.loads(earlier)] == ["user", "assistant"]
    assert json.loads(earlier)[1]["content"] == "Good **morning**."


def test_it_needs_nothing_of_the_store() -> None:
    names = "django torch celery redis structlog jsonschema numpy worker"
    code = "import sys, gptstore.sdk.dev.page.server, gptstore.sdk.cli.app; "
    code += f"print([name for name in {names.split()} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_nothing_is_served_without_the_token(served: Served) -> None:
    for path in ("/", "/tools/ask/", "/static/dev/dev.js", "/changes", "/?token=wrong"):
        assert httpx.get(served.url + path).status_code == 403, path
    assert httpx.post(f"{served.url}/tools/ask/", data={"csrfmiddlewaretoken": TOKEN}).status_code == 403


def test_the_token_leaves_the_address_and_becomes_a_cookie_that_no_script_reads(served: Served) -> None:
    answer = httpx.get(f"{served.url}/tools/ask/?example=1&token={TOKEN}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/tools/ask/?example=1")
    assert "httponly" in answer.headers["set-cookie"].lower() and "samesite=lax" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::]:{port}"])
def test_another_host_is_refused_even_with_the_cookie(served: Served, host: str) -> None:
    answer = served.client.get("/", headers={"Host": host.format(port=served.port)})
    assert answer.status_code == 421


def test_localhost_is_this_server_too(served: Served) -> None:
    answer = served.client.get("/tools/ask/", headers={"Host": f"localhost:{served.port}"})
    assert answer.status_code == 200


def test_another_page_of_the_browser_can_change_nothing(served: Served) -> None:
    origin = {"Origin": "http://127.0.0.1:1"}

    assert served.client.post("/tools/ask/", data=HI).status_code == 403
    assert served.client.post("/tools/ask/", data={**HI, "csrfmiddlewaretoken": "wrong"}).status_code == 403
    assert served.post("/tools/ask/", HI, headers=origin).status_code == 403
    assert served.client.get("/", headers=origin).status_code == 403


def test_answers_say_what_the_page_may_do(served: Served) -> None:
    headers = served.client.get("/").headers
    page = served.client.get("/").text

    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "<script>" not in page and "style=" not in page and " onclick" not in page
    assert headers["x-content-type-options"] == "nosniff"


def test_every_style_and_script_of_the_page_is_there(served: Served) -> None:
    page = Html(served.client.get("/").text)

    for path in [*page.values("href", "link"), *page.values("src", "script")]:
        assert served.client.get(path).status_code == 200, path


def test_it_listens_on_this_machine_alone(served: Served) -> None:
    with socket.socket() as other, pytest.raises(OSError):
        other.settimeout(2)
        other.connect((socket.gethostbyname(socket.gethostname()).replace("127.0.0.1", "127.0.0.2"), served.port))


def test_a_run_that_ends_while_it_is_drawn_is_drawn_as_it_was() -> None:
    run = PageRun(ToolManifest.model_construct(slug="ask", output="text", language="", language_input=""), {})
    drawn = run.as_of_now()
    run._add(Event("output", {"text": "Good morning."}))
    run._add(Event("finished", {"status": "succeeded"}))

    assert (drawn.is_final, drawn.output.whole, drawn.status) == (False, "", "running")
    assert (run.is_final, run.output.whole) == (True, "Good morning.")
