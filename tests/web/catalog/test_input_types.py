"""The form of dates, choices of several, groups and models: what it shows, and what a browser's text means."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict

from gptstore.accounts.models import User
from gptstore.jobs.models import Job
from gptstore.web.catalog.forms import ToolForm
from harness.rows import make_job, make_tool
from tests.every_input import every_input
from tests.web.html import Html

SCHEMA = every_input.input_schema
NEEDED = {"title": "A parcel", "to-street": "Via Appia", "to-city": "Rome", "to-country": "it"}
ADDRESS = {"street": "Via Appia", "city": "Rome", "country": "it", "since": None}
UNTOUCHED = {"days": ["monday"], "speed": "slow", "copies": "1", "weight": "0.5", "sender-days": ["monday"]}


def sent(**values: Any) -> ToolForm:
    data = QueryDict(mutable=True)
    for name, value in {**NEEDED, **UNTOUCHED, **values}.items():
        data.setlist(f"input-{name}", value if isinstance(value, list) else [value])
    form = ToolForm(SCHEMA, data)
    form.is_valid()
    return form


def test_a_form_that_nobody_touches_sends_the_defaults() -> None:
    assert sent().input == every_input_defaults()


def every_input_defaults() -> dict[str, Any]:
    defaults = {name: prop["default"] for name, prop in SCHEMA["properties"].items() if "default" in prop}
    return {**defaults, "title": "A parcel", "to": ADDRESS}


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        ({"on": "2026-02-28"}, "on", "2026-02-28"),
        ({"on": ""}, "on", None),
        ({"days": ["friday", "tuesday"]}, "days", ["friday", "tuesday"]),
        ({"days": []}, "days", []),
        ({"colors": ["red"]}, "colors", ["red"]),
        ({"colors": []}, "colors", None),
        ({"sender-name": "Ada"}, "sender", {"name": "Ada", "days": ["monday"]}),
        ({"sender-name": "Ada", "sender-days": []}, "sender", {"name": "Ada", "days": []}),
        ({"to-since": "2020-01-02"}, "to", {**ADDRESS, "since": "2020-01-02"}),
    ],
)  # fmt: skip
def test_each_kind_arrives_as_json(values: dict[str, Any], name: str, expected: Any) -> None:
    form = sent(**values)
    assert not form.errors
    assert form.input[name] == expected


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"on": "28.2.2026"}, "on", "This must be a date, such as 2026-01-31."),
        ({"days": ["sunday"]}, "days", "Entry 1: Choose one of: monday, tuesday, friday."),
        ({"days": ["monday", "tuesday", "friday"]}, "days", "At most 2 entries."),
        ({"to-city": ""}, "to.city", "This field is required."),
        ({"to-city": "x" * 21}, "to.city", "At most 20 characters; this has 21."),
        ({"sender-days": ["friday"]}, "sender.name", "This field is required."),
    ],
)
def test_an_error_stands_at_its_field(values: dict[str, Any], field: str, message: str) -> None:
    assert sent(**values).errors == {field: [message]}


def test_a_group_and_what_is_optional_fold_and_what_is_needed_does_not() -> None:
    shown = {item.fieldset.title: (item.fieldset.folds, item.is_open) for item in ToolForm(SCHEMA).fieldsets()}
    assert shown == {
        "": (False, False),
        "Recipient": (False, False),
        "Sender": (True, False),
        "Advanced": (True, False),
    }


@pytest.mark.parametrize(
    ("values", "opened"),
    [
        ({"copies": "2"}, {"Advanced"}),
        ({"copies": "x"}, {"Advanced"}),
        ({"signed": "on"}, {"Advanced"}),
        ({"weight": "0.50"}, {"Advanced"}),  # it is what the person wrote
        ({"sender-days": ["friday"]}, {"Sender"}),
        ({}, set()),
    ],
)
def test_what_folds_is_open_when_it_holds_an_error_or_another_value(values: dict[str, Any], opened: set[str]) -> None:
    folding = [item for item in sent(**values).fieldsets() if item.fieldset.folds]
    assert {item.fieldset.title for item in folding if item.is_open} == opened


def test_a_field_that_may_be_folded_is_not_asked_for_by_the_browser() -> None:
    form = ToolForm(SCHEMA)
    assert "required" not in str(form["sender.name"])
    assert "required" in str(form["to.city"])


@pytest.mark.django_db
def test_examples_drafts_and_earlier_runs_fill_every_control(client: Client, ada: User) -> None:
    given = every_input.examples[1].input
    tool = make_tool("every-input", input_schema=SCHEMA, examples=[{"title": "Long", "input": given}])
    client.force_login(ada)
    job = make_job(ada, tool, input=given)

    for query in ("?example=1", f"?from={job.id}"):
        form = client.get(f"/tools/every-input/{query}").context["form"]
        assert form["on"].value() == "2026-02-28"
        assert form["days"].value() == ["monday", "friday"]
        assert form["to.city"].value() == "Paris"
        assert form["to.since"].value() == "2020-01-02"
        assert form["sender.name"].value() == "Ada"
        assert form["sender.days"].value() == []
        assert {item.fieldset.title for item in form.fieldsets() if item.is_open} >= {"Sender", "Advanced"}


@pytest.mark.django_db
def test_a_guests_draft_of_every_kind_is_kept_until_they_have_signed_in(client: Client) -> None:
    make_tool("every-input", input_schema=SCHEMA)
    values = {f"input-{name}": value for name, value in {**NEEDED, **UNTOUCHED, "sender-name": "Ada"}.items()}
    assert client.post("/tools/every-input/", values).status_code == 302

    form = client.get("/tools/every-input/").context["form"]

    assert (form["to.city"].value(), form["sender.name"].value()) == ("Rome", "Ada")


def upload(name: str, data: bytes, **values: Any) -> ToolForm:
    form = ToolForm(
        SCHEMA, sent(**values).data, MultiValueDict({f"input-{name}": [SimpleUploadedFile("a b.md", data)]})
    )
    form.is_valid()
    return form


def test_a_file_arrives_with_its_name() -> None:
    assert upload("letter", b"# Hi!").input["letter"] == {"name": "a b.md", "data": "IyBIaSE="}
    assert sent().input["letter"] is None


def test_a_file_of_another_kind_is_refused_at_its_field() -> None:
    assert upload("prices", b"x").errors == {"prices": ["Send a file of one of these kinds: .csv, .tsv, .txt."]}


def test_files_that_are_too_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENV, "max_file_bytes", 4000)
    assert not upload("letter", b"x" * 4000).errors
    message = "The files of an input may have 4 KB together; these have 5 KB."
    assert upload("letter", b"x" * 4001).errors == {"letter": [message]}


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["example=1", "from={}"])
def test_a_file_of_an_example_or_an_earlier_run_is_kept_and_never_in_the_page(
    client: Client, ada: User, query: str
) -> None:
    given = every_input.examples[1].input
    tool = make_tool("every-input", input_schema=SCHEMA, examples=[{"title": "Long", "input": given}])
    client.force_login(ada)
    first = make_job(ada, tool, input=given)
    page = client.get(f"/tools/every-input/?{query.format(first.id)}").content.decode()
    assert "letter.md (5" in " ".join(Html(page).text.split())
    assert "IyBIaSE" not in page
    source = next(values["value"] for tag, values in Html(page).elements if values.get("name") == "input-letter-kept")

    values = {f"input-{name}": value for name, value in {**NEEDED, **UNTOUCHED}.items()}
    client.post("/tools/every-input/", {**values, "input-letter-kept": source})
    client.post("/tools/every-input/", values)

    without, kept = Job.objects.exclude(id=first.id).order_by("-created_at")
    assert kept.input["letter"] == given["letter"]
    assert without.input["letter"] is None


@pytest.mark.django_db
def test_a_file_of_somebody_elses_run_cannot_be_taken(client: Client, ada: User, bob: User) -> None:
    tool = make_tool("every-input", input_schema=SCHEMA)
    theirs = make_job(bob, tool, input=every_input.examples[1].input)
    client.force_login(ada)

    values = {f"input-{name}": value for name, value in {**NEEDED, **UNTOUCHED}.items()}
    client.post("/tools/every-input/", {**values, "input-letter-kept": f"from:{theirs.id}"})

    assert Job.objects.get(owner=ada).input["letter"] is None


@pytest.mark.django_db
def test_a_kept_file_stays_kept_when_the_form_comes_back_with_an_error(client: Client, ada: User) -> None:
    make_tool("every-input", input_schema=SCHEMA, examples=[{"title": "Long", "input": every_input.examples[1].input}])
    values = {f"input-{name}": value for name, value in {**NEEDED, **UNTOUCHED, "title": ""}.items()}

    page = client.post("/tools/every-input/", {**values, "input-letter-kept": "example:1"}).content.decode()

    assert 'value="example:1" checked' in page
    assert "letter.md" in page


@pytest.mark.django_db
def test_one_field_of_a_model_is_checked_alone(client: Client) -> None:
    make_tool("every-input", input_schema=SCHEMA)

    answer = client.post("/tools/every-input/check?field=to.city", {"input-to-city": "x" * 21})

    assert 'id="id_input-to-city_error"' in answer.content.decode()
    assert "At most 20 characters" in answer.content.decode()


@pytest.mark.django_db
def test_the_page_of_a_run_shows_every_kind_for_people(client: Client, ada: User) -> None:
    tool = make_tool("every-input", input_schema=SCHEMA)
    client.force_login(ada)
    job = make_job(ada, tool, input=every_input.examples[1].input)

    page = " ".join(Html(client.get(job.get_absolute_url()).content.decode()).text.split())

    for shown in (
        "letter.md (5",
        "Feb. 28, 2026",
        "Monday\nFriday",
        "Street: Rue 1\nCity: Paris\nCountry: French\nSince: Jan. 2, 2020",
    ):
        assert " ".join(shown.split()) in page
    assert Job.objects.get().input == every_input.examples[1].input
