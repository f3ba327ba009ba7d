"""Files are read in the sandbox, under its filter of calls, its rules for files and its limit of memory."""

from base64 import b64encode
from collections.abc import Callable

import pytest

from gptstore.sdk import ToolError
from gptstore.sdk.document_bounds import MAX_PAGES
from tests.sdk.files import make_docx, make_pdf
from tests.worker.hosts.sandbox.conftest import Going
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock

MEMORY = 400_000_000


@pytest.fixture(scope="module")
def reader(open_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return open_sandbox("reader", memory=MEMORY)


def read(reader: Sandbox, name: str, data: bytes, field: str = "file") -> Going:
    value = {"name": name, "data": b64encode(data).decode()}
    return Going(reader, "read-file", **{field: value}).end(60)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", "Grüße".encode("cp1252") * 40),
        ("a.md", b"# words"),
        ("a.html", b"<p>words</p>"),
        ("a.docx", make_docx("words")),
        ("a.pdf", make_pdf("words", "more words")),
        ("a.pdf", make_pdf(*["words " * 20] * MAX_PAGES)),
        ("large.txt", b"words\n" * 800_000),
    ],
)
def test_each_kind_is_read_by_what_was_imported_before_the_fork(reader: Sandbox, name: str, data: bytes) -> None:
    going = read(reader, name, data)
    assert going.raised is None, getattr(going.raised, "details", going.raised)
    imported, files, length, text = going.port.text.split(" ", 3)
    assert (imported, files) == ("True", "[]")
    assert int(length) >= 5
    assert "ords" in text or "Grüße" in text


def test_a_table_is_read(reader: Sandbox) -> None:
    assert "{'a': '1'}" in read(reader, "a.csv", b"a\n1", "table").port.text


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("bomb.docx", make_docx(body="<w:p>" + " " * 200_000_000 + "</w:p>"), "far larger when unpacked"),
        ("deep.html", b"<div>" * 400_000 + b"<p>", None),
        ("cut.pdf", make_pdf("x")[:-200], None),
        ("exe.pdf", b"MZ" + bytes(range(256)) * 1000, "not a PDF"),
        ("pages.pdf", make_pdf(*["x"] * 10_000), "10,000 pages"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_file_costs_its_own_job_only(reader: Sandbox, name: str, data: bytes, message: str | None) -> None:
    going = read(reader, name, data)
    if message is not None:
        assert isinstance(going.raised, ToolError)
        assert message in str(going.raised)
    assert read(reader, "a.txt", b"words").port.text.endswith("words")
