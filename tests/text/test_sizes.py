"""What fits a tool's inputs arrives, whichever way it is sent: through a real uvicorn, by the API and by the form."""

import json
import random
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gptstore.catalog.sizes import BYTES_AROUND, MAX_UNBOUNDED_BYTES, max_input_bytes
from harness.redis import RedisServer
from harness.rows import PASSWORD
from harness.site import Site
from tests.text.rows import read_rows

LIMITS = {"story": 200_000, "book": 400_000, "note": 1000}
MAKE = f"""
from gptstore.accounts.keys import create_key
from harness.rows import make_tool, make_user
for slug, limit in {LIMITS}.items():
    text = {{"type": "string", "title": "Text", "maxLength": limit, "x-widget": "longtext"}}
    question = {{"type": "string", "title": "Question", "maxLength": 500, "default": ""}}
    properties = {{"text": text, "question": question}}
    schema = {{"type": "object", "properties": properties, "required": ["text"], "additionalProperties": False}}
    make_tool(slug, input_schema=schema)
paper = {{"title": "Paper", "oneOf": [{{"type": "string"}}, {{"type": "object"}}], "x-file": "document"}}
schema = {{"type": "object", "properties": {{"paper": paper}}, "required": ["paper"], "additionalProperties": False}}
make_tool("paper", input_schema=schema)
_, secret = create_key(make_user(), "sizes")
print("KEY", secret)
"""


@pytest.fixture(scope="module")
def site(redis_process: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site"), redis_process.url) as site:
        site.manage("migrate", "--noinput")
        site.manage("collectstatic", "--noinput")
        site.start_web()
        yield site


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.manage("shell", "-c", MAKE).split("KEY ")[1].split()[0]


@pytest.fixture(scope="module")
def program(site: Site, key: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, headers={"Authorization": f"Bearer {key}"}, timeout=120) as client:
        yield client


@pytest.fixture(scope="module")
def browser(site: Site, key: str) -> Iterator[httpx.Client]:
    """A person who has signed in; `key` has made them."""
    with httpx.Client(base_url=site.url, headers={"Referer": site.url}, timeout=120) as client:
        client.get("/accounts/login/")
        form = {"login": "ada", "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        assert client.post("/accounts/login/", data=form).status_code == 302
        yield client


@pytest.mark.parametrize("escaped", [True, False], ids=["escaped", "UTF-8"])
@pytest.mark.parametrize("row", read_rows("sizes"))
def test_the_api_takes_what_fits_the_schema(program: httpx.Client, row: dict[str, Any], escaped: bool) -> None:
    body = json.dumps({"input": {"text": row["input"] * row["times"]}}, ensure_ascii=escaped)

    answer = program.post(
        f"/api/v1/tools/{row['tool']}/jobs", content=body.encode(), headers={"Content-Type": "application/json"}
    )

    if row["right"] == "taken":
        assert answer.status_code == 202, answer.text
    else:
        assert answer.status_code == 422
        assert row["right"] in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("row", read_rows("sizes"))
@pytest.mark.parametrize("multipart", [False, True], ids=["urlencoded", "multipart"])
def test_the_form_takes_what_fits_the_schema(browser: httpx.Client, row: dict[str, Any], multipart: bool) -> None:
    text = (row["input"] * row["times"]).replace("\n", "\r\n")  # as a browser sends it
    fields = {"input-text": text, "input-question": "", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}

    if multipart:
        answer = browser.post(
            f"/tools/{row['tool']}/", files={name: (None, value.encode()) for name, value in fields.items()}
        )
    else:
        answer = browser.post(f"/tools/{row['tool']}/", data=fields)

    if row["right"] == "taken":
        assert (answer.status_code, answer.headers["location"][:6]) == (302, "/runs/"), re.findall(
            "field-error[^<]*<?[^<]*", answer.text[:200_000]
        )
    else:
        assert answer.status_code == 422
        assert row["right"] in answer.text


def test_both_fields_may_be_as_long_as_they_can(program: httpx.Client) -> None:
    body = {"input": {"text": "😀" * 400_000, "question": "😀" * 500}, "priority": "batch"}
    answer = program.post(
        "/api/v1/tools/book/jobs", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 202


def test_a_body_that_tells_no_length_has_the_same_limit(program: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"input": {"text": "'
        yield from [b"\\ud83d\\ude00" * 1000] * 200
        yield b'"}}'

    answer = program.post("/api/v1/tools/story/jobs", content=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 202


@pytest.mark.parametrize(("path", "limit"), [("note", 2_000_000), ("story", 2_471_536), ("absent", 2_000_000)])
def test_more_bytes_than_any_input_can_take_are_refused_with_their_number(
    program: httpx.Client, path: str, limit: int
) -> None:
    body = json.dumps({"input": {"text": "a" * limit}})
    answer = program.post(f"/api/v1/tools/{path}/jobs", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert f"{limit} bytes" in answer.json()["detail"]


MAX_FILE = 5_000_000


@pytest.mark.parametrize("size", [MAX_FILE, MAX_FILE + 1])
@pytest.mark.parametrize("way", ["base64", "parts", "form"])
def test_the_largest_file_arrives_by_every_way_and_a_larger_one_does_not(
    program: httpx.Client, browser: httpx.Client, way: str, size: int
) -> None:
    data = random.Random(size).randbytes(size)
    if way == "base64":
        value = {"name": "a.pdf", "data": b64encode(data).decode()}
        answer = program.post("/api/v1/tools/paper/jobs", json={"input": {"paper": value}})
    elif way == "parts":
        answer = program.post("/api/v1/tools/paper/jobs", files={"paper": ("a.pdf", data)})
    else:
        fields = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        answer = browser.post("/tools/paper/", data=fields, files={"input-paper": ("a.pdf", data)})
    assert answer.status_code == (422 if size > MAX_FILE else 302 if way == "form" else 202), answer.text[:500]


TEXT = {"type": "string"}
SCHEMAS: list[tuple[dict[str, Any], int]] = [
    ({}, BYTES_AROUND),
    ({"a": {**TEXT, "maxLength": 10}}, BYTES_AROUND + 120),
    ({"a": {**TEXT, "maxLength": 10}, "b": {**TEXT, "maxLength": 5}}, BYTES_AROUND + 180),
    ({"a": {"anyOf": [{**TEXT, "maxLength": 10}, {"type": "null"}]}}, BYTES_AROUND + 120),
    ({"a": {**TEXT, "enum": ["x", "y"]}}, BYTES_AROUND),
    ({"a": {"type": "integer"}, "b": {"type": "boolean"}}, BYTES_AROUND),
    ({"a": TEXT}, BYTES_AROUND + 2_000_000),
    ({"a": TEXT, "b": TEXT, "c": {**TEXT, "maxLength": 10}}, BYTES_AROUND + 2_000_120),
    ({"a": {"type": "array", "items": TEXT, "maxItems": 3}}, BYTES_AROUND + 2_000_000),
    ({"a": {**TEXT, "maxLength": 10**9}}, BYTES_AROUND + 12 * 10**9),
    ({"a": {**TEXT, "maxLength": 10**9}, "b": TEXT}, MAX_UNBOUNDED_BYTES),
]


@pytest.mark.parametrize(("properties", "limit"), SCHEMAS)
def test_the_bytes_of_an_input_follow_from_its_schema(properties: dict[str, Any], limit: int) -> None:
    assert max_input_bytes({"properties": properties}, 2_000_000) == limit
