"""The catalogue and the tool page, as people with and without JavaScript meet them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job, Status, Worker
from gptstore.web.catalog import drafts
from harness.rows import make_job, make_tool, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_user("ada")


@pytest.fixture
def signed_in(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def shout() -> Tool:
    return make_tool(
        "shout",
        tags=["loud", "été"],
        author="Ada & Co",
        examples=[{"title": "A greeting", "input": {"text": "Hi <b>"}}],
    )


def test_the_catalogue_lists_tools_by_category(client: Client, shout: Tool) -> None:
    make_tool("translate", category="languages")
    page = client.get("/").content.decode()
    assert (
        page.index("Languages</h2>")
        < page.index("Translate</a>")
        < page.index("Writing</h2>")
        < page.index("Shout</a>")
    )
    assert "2 tools" in page
    assert "by Ada &amp; Co" in page


@pytest.mark.parametrize("hidden", [{"enabled": False}, {"installed": False}])
def test_a_tool_that_cannot_be_launched_is_nowhere(client: Client, hidden: dict[str, bool]) -> None:
    make_tool("shout", **hidden)
    assert "Shout" not in client.get("/").content.decode()
    assert client.get("/tools/shout/").status_code == 404
    assert client.post("/tools/shout/", {"input-text": "hi"}).status_code == 404


@pytest.mark.parametrize("query", ["shout", "LOUDER", "ÉTÉ", "writ", "loud text"])
def test_search_looks_at_title_summary_tags_and_category(client: Client, shout: Tool, query: str) -> None:
    make_tool("translate", category="languages", summary="From one to another.")
    page = client.get("/", {"q": query}).content.decode()
    assert "Shout</a>" in page
    assert "Translate</a>" not in page


def test_search_that_finds_nothing_shows_the_way_back(client: Client, shout: Tool) -> None:
    page = client.get("/", {"q": "<script>"}).content.decode()
    assert "No tool for “&lt;script&gt;”" in page
    assert "<script>" not in page
    assert "Show the 1 tool" in page


def test_htmx_gets_the_results_alone_and_caches_keep_them_apart(client: Client, shout: Tool) -> None:
    response = client.get("/", {"q": "shout"}, headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert 'hx-swap-oob="innerHTML"' in response.content.decode()
    assert "HX-Request" in response["Vary"]


def test_people_are_told_of_a_demo_model_and_led_to_real_ones(client: Client) -> None:
    beat("w1", demo=True)
    page = client.get("/").content.decode()
    way = '<a href="/model/">choose a real one with <code>MODEL=…</code></a>'
    assert f"Demo model (5.1 million parameters): {way}" in page
    assert "No worker" not in page


@pytest.mark.parametrize("demo", [True, False])
def test_nothing_is_said_about_parameters_that_nobody_counted(client: Client, demo: bool) -> None:
    beat("w1", demo=demo, parameters=0)
    for address in ("/", "/model/"):
        page = client.get(address).content.decode()
        assert "Answers by tiny</p>" in page
        assert "parameters" not in page
        assert "<dt>Parameters" not in page
        assert "No worker" not in page
    assert ('Demo model: <a href="/model/">choose a real one' in client.get("/").content.decode()) == demo


@pytest.mark.parametrize(("parameters", "said"), [(5_120_000, "当前模型：tiny · 512 万参数"), (0, "当前模型：tiny<")])
def test_chinese_readers_are_told_which_model_answers(client: Client, parameters: int, said: str) -> None:
    beat("w1", parameters=parameters)
    assert said in client.get("/", headers={"accept-language": "zh-CN"}).content.decode()


def test_people_are_told_when_no_worker_is_there(client: Client) -> None:
    beat("w1", seen=timezone.now() - timedelta(hours=1))
    assert "No worker is online" in client.get("/").content.decode()


@pytest.mark.parametrize("network", [True, False])
def test_people_are_told_that_a_tool_asks_for_the_network(client: Client, network: bool) -> None:
    make_tool("weather", network=network)
    assert ("connections to other computers" in client.get("/tools/weather/").content.decode()) == network


def test_the_form_can_be_filled_by_an_example_without_javascript(client: Client, shout: Tool) -> None:
    assert 'value="Hi &lt;b&gt;"' in client.get("/tools/shout/?example=1").content.decode()


@pytest.mark.parametrize(
    "query", ["example=2", "example=0", "example=x", "from=x", "from=018f5e2a-0000-7000-8000-000000000000"]
)
def test_what_cannot_fill_the_form_is_not_found(signed_in: Client, shout: Tool, query: str) -> None:
    assert signed_in.get(f"/tools/shout/?{query}").status_code == 404


def test_run_queues_a_job_and_goes_to_its_page(signed_in: Client, ada: User, shout: Tool) -> None:
    response = signed_in.post("/tools/shout/", {"input-text": "hi"})
    job = Job.objects.get()
    assert (job.owner, job.tool, job.input, job.status) == (ada, shout, {"text": "hi"}, Status.QUEUED)
    assert response["Location"] == f"/runs/{job.id}/"


def test_a_wrong_input_is_shown_again_with_its_errors(signed_in: Client, shout: Tool) -> None:
    response = signed_in.post("/tools/shout/", {"input-text": "x" * 21})
    page = response.content.decode()
    assert response.status_code == 422
    assert "At most 20 characters; this has 21." in page
    assert "x" * 21 in page
    assert '<a href="#id_input-text">Text</a>: At most 20 characters; this has 21.</li>' in page
    assert not Job.objects.exists()


def test_a_guest_signs_in_first_and_finds_the_input_again(client: Client, ada: User, shout: Tool) -> None:
    response = client.post("/tools/shout/", {"input-text": "keep me"})
    assert response["Location"] == "/accounts/login/?next=%2Ftools%2Fshout%2F"
    response = client.post(response["Location"], {"login": "ada", "password": "correct horse", "next": "/tools/shout/"})
    assert response["Location"] == "/tools/shout/"
    assert 'value="keep me"' in client.get("/tools/shout/").content.decode()
    client.post("/tools/shout/", {"input-text": "keep me"})
    assert "keep me" not in client.get("/tools/shout/").content.decode().split("Your last runs")[0]


def test_a_guest_learns_of_errors_before_signing_in(client: Client, shout: Tool) -> None:
    assert client.post("/tools/shout/", {"input-text": ""}).status_code == 422


def test_run_again_fills_in_the_input_of_an_own_run_only(signed_in: Client, ada: User, shout: Tool) -> None:
    mine = make_job(ada, shout, input={"text": "mine"})
    others = make_job(make_user("bob"), shout, input={"text": "secret"})
    assert 'value="mine"' in signed_in.get(f"/tools/shout/?from={mine.id}").content.decode()
    assert signed_in.get(f"/tools/shout/?from={others.id}").status_code == 404


def test_the_last_runs_are_those_of_this_person_and_tool(signed_in: Client, ada: User, shout: Tool) -> None:
    make_job(ada, shout, Status.SUCCEEDED, input={"text": "my words"})
    make_job(ada, make_tool("other"), input={"text": "elsewhere"})
    make_job(make_user("bob"), shout, input={"text": "not mine"})
    page = signed_in.get("/tools/shout/").content.decode()
    assert "my words" in page
    assert "elsewhere" not in page
    assert "not mine" not in page


@pytest.mark.parametrize(("text", "error"), [("x" * 21, "At most 20 characters"), ("fine", "")])
def test_one_field_is_checked_by_itself(client: Client, shout: Tool, text: str, error: str) -> None:
    answer = client.post("/tools/shout/check?field=text", {"input-text": text}).content.decode()
    assert error in answer
    assert ("field-error" in answer) and (("At most" in answer) == bool(error))


def test_only_fields_of_the_tool_are_checked(client: Client, shout: Tool) -> None:
    assert client.post("/tools/shout/check?field=nope").status_code == 404


def test_changes_need_the_token_of_the_form(ada: User, shout: Tool) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    response = strict.post("/tools/shout/", {"input-text": "hi"})
    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()
    assert not Job.objects.exists()


def test_a_description_is_markdown_but_never_html(client: Client) -> None:
    make_tool("shout", description="Uses **all** capitals.\nIn one line. <script>alert(1)</script>")
    page = client.get("/tools/shout/").content.decode()
    assert "<strong>all</strong> capitals." in page
    assert "<script>alert" not in page


def beat(name: str, **values: object) -> None:
    seen = values.pop("seen", timezone.now())
    defaults = {"model": "tiny", "parameters": 5_120_000, "context_length": 1024, "device": "cpu"}
    Worker.objects.create(name=name, last_seen_at=seen, **{**defaults, **values})


def test_a_guest_leaves_no_long_input_in_the_database(
    client: Client, shout: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MAX_BYTES", 20, raising=False)
    text = "a rather long text"
    response = client.post("/tools/shout/", {"input-text": text})
    assert response.status_code == 403
    page = response.content.decode()
    assert "too long to be kept" in page
    assert text in page, "they still have it in the form"
    assert "drafts" not in client.session
