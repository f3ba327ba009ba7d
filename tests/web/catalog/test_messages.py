"""A conversation in a tool's form, and the reply to an answer."""

import json
from typing import Any

import pytest
from django.test import Client
from lxml.html import HtmlElement, fromstring

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job, Status
from gptstore_chat.tool import chat
from harness.rows import make_job, make_tool, make_user

pytestmark = pytest.mark.django_db

HELLO = {"role": "user", "content": "Hello"}
ANSWER = {"role": "assistant", "content": "Good <b>morning</b>."}
NEXT = {"role": "user", "content": "And now?"}


@pytest.fixture
def ada() -> User:
    return make_user("ada")


@pytest.fixture
def talk() -> Tool:
    examples = [{"title": "Two turns", "input": {"messages": [HELLO, ANSWER, NEXT]}}]
    return make_tool("chat", input_schema=chat.input_schema, output=chat.output, examples=examples)


@pytest.fixture
def mine(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def answered(ada: User, talk: Tool, status: Status = Status.SUCCEEDED, **values: Any) -> Job:
    given = {"messages": [HELLO], "instructions": "Be brief.", "temperature": 0.5, "stop": ["a b", "c"], "seed": 3}
    return make_job(ada, talk, status, **{"input": given, "output": ANSWER["content"], **values})


def parse(answer: Any) -> HtmlElement:
    return fromstring(answer.content.decode())


def by_id(page: HtmlElement, name: str) -> HtmlElement:
    return page.get_element_by_id(name)


def texts(page: HtmlElement, name: str) -> list[str]:
    """Return the texts of the elements of this class."""
    return [element.text_content() for element in page.find_class(name)]


def controls(form: Any) -> dict[str, Any]:
    """Return what a browser sends of a form as it is."""
    found: dict[str, Any] = {}
    for control in form.iter("input", "textarea"):
        if control.get("type") not in ("checkbox", "radio") or control.get("checked") is not None:
            found[control.get("name")] = (control.value or "").removeprefix(
                "\n"
            )  # HTML drops a text area's first line end
    return found


def test_a_first_message_begins_a_conversation(mine: Client, talk: Tool) -> None:
    page = parse(mine.get("/tools/chat/"))
    form = by_id(page, "tool-form")
    assert page.find_class("turns")[0].get("hidden") is not None

    answer = mine.post("/tools/chat/", {**controls(form), "input-messages": "Hello\r\nyou"})

    assert answer.status_code == 302
    assert Job.objects.get().input["messages"] == [{"role": "user", "content": "Hello\nyou"}]


def test_the_earlier_turns_stand_above_the_next_message_and_are_sent_with_it(mine: Client, talk: Tool) -> None:
    page = parse(mine.get("/tools/chat/?example=1"))
    form = by_id(page, "tool-form")

    assert texts(page, "turn") == ["YouHello", f"Assistant{ANSWER['content']}"]
    assert controls(form)["input-messages"] == "And now?"
    mine.post("/tools/chat/", controls(form))
    assert Job.objects.get().input["messages"] == [HELLO, ANSWER, NEXT]


def test_the_page_of_an_answer_shows_the_conversation_and_a_reply_continues_it(
    mine: Client, ada: User, talk: Tool
) -> None:
    job = answered(ada, talk)
    page = parse(mine.get(f"/runs/{job.id}/"))
    form = by_id(page, "reply")
    assert texts(page, "turn") == ["YouHello"]
    assert "Hello" not in texts(page, "inputs")[0]

    answer = mine.post(form.get("action"), {**controls(form), "input-messages": "And now?"})

    reply = Job.objects.exclude(id=job.id).get()
    assert answer["Location"] == reply.get_absolute_url()
    expected = {**job.input, "messages": [HELLO, ANSWER, NEXT]}
    assert {name: reply.input[name] for name in expected} == expected
    page = parse(mine.get(f"/runs/{reply.id}/"))
    assert "2 earlier messages" in texts(page, "earlier")[0]
    assert texts(page, "turn")[2:] == ["YouAnd now?"]


def test_where_the_conversation_is_all_there_is_no_other_input_is_shown(mine: Client, ada: User, talk: Tool) -> None:
    alone, more = answered(ada, talk, input={"messages": [HELLO]}), answered(ada, talk)

    shown = [texts(parse(mine.get(f"/runs/{job.id}/")), "inputs") for job in (alone, more)]

    assert (len(shown[0]), len(shown[1])) == (0, 1)


@pytest.mark.parametrize(
    ("values", "change"),
    [
        ({"status": Status.RUNNING}, {}),
        ({"status": Status.FAILED}, {}),
        ({"output": " \n"}, {}),
        ({}, {"enabled": False}),
        ({}, {"input_schema": {"type": "object", "properties": {"text": {"type": "string"}}}}),
        ({"input": {"messages": "a"}}, {}),
    ],
)
def test_there_is_no_reply_to_what_is_no_answer(
    mine: Client, ada: User, talk: Tool, values: dict[str, Any], change: dict[str, Any]
) -> None:
    job = answered(ada, talk, **values)
    Tool.objects.update(**change or {"enabled": True})

    assert b'id="reply"' not in mine.get(f"/runs/{job.id}/").content


def test_a_canceled_answer_can_be_replied_to(mine: Client, ada: User, talk: Tool) -> None:
    job = answered(ada, talk, Status.CANCELED)

    assert b'id="reply"' in mine.get(f"/runs/{job.id}/").content


@pytest.mark.parametrize("text", ["", " \r\n"])
def test_an_empty_reply_is_asked_for_again_and_the_conversation_is_still_there(
    mine: Client, ada: User, talk: Tool, text: str
) -> None:
    form = by_id(parse(mine.get(f"/runs/{answered(ada, talk).id}/")), "reply")

    answer = mine.post(form.get("action"), {**controls(form), "input-messages": text})

    page = parse(answer)
    assert answer.status_code == 422
    assert by_id(page, "id_input-messages_error").text == "This field is required."
    assert len(texts(page, "turn")) == 2
    assert controls(by_id(page, "tool-form"))["input-instructions"] == "Be brief."
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    "earlier", ["{", "3", '"a"', "[" * 5_000, '[{"role": "user"}]', '[{"role": ["x"], "content": {}}, null]', "{}"]
)
def test_earlier_messages_that_a_browser_never_sends_are_refused(mine: Client, talk: Tool, earlier: str) -> None:
    answer = mine.post("/tools/chat/", {"input-messages": "Hello", "input-messages-earlier": earlier})

    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_an_example_fills_the_form_with_a_conversation(mine: Client, talk: Tool) -> None:
    (example,) = json.loads(by_id(parse(mine.get("/tools/chat/")), "example-values").text)

    assert example["controls"]["input-messages"] == [HELLO, ANSWER, NEXT]


def test_a_run_is_known_by_its_last_message(mine: Client, ada: User, talk: Tool) -> None:
    answered(ada, talk, input={"messages": [HELLO, ANSWER, NEXT], "instructions": "Be brief."})

    assert "And now?" in mine.get("/runs/").content.decode()
