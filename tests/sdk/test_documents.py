"""Documents and tables: what a tool reads of them, and what it is told of files that can't be read."""

import itertools
from typing import Any

import pytest

from gptstore.sdk import Context, Document, DocumentError, Table, ToolError, tool
from gptstore.sdk import document_bounds as bounds
from gptstore.sdk.testing import run
from tests.sdk.files import make_docx, make_pdf


@tool
def read(ctx: Context, file: Document) -> str:
    """Read a document."""
    return file.text


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.txt", "Grüße\r\n汉字".encode(), "Grüße\n汉字"),
        ("a.TXT", b"\xef\xbb\xbfmark", "mark"),
        ("a.txt", "wide".encode("utf-16"), "wide"),
        ("a.txt", "Ein Gruß aus München, schöne Grüße an alle Kolleginnen. ".encode("cp1252") * 9, None),
        ("README", b"no suffix", "no suffix"),
        ("a.md", b"# Title\n\n*text*", "# Title\n\n*text*"),
        ("a.html", b"<title>t</title><h1>Hi <b>you</b></h1><script>x<y</script><p>a&amp;b<br>c", "Hi you\na&b\nc"),
        ("a.htm", b"<p>loose <p>ends <style>p{}</style>here", "loose\nends here"),
        ("a.html", '<meta charset="iso-8859-1"><p>caf\xe9'.encode("latin-1"), "caf\xe9"),
        ("a.docx", make_docx("One", "Two &amp; three"), "One\nTwo & three"),
        ("a.docx", make_docx(body="<w:p><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:p>"), "a\tb\nc"),
        ("a.pdf", make_pdf("First page", "", "Third page"), "First page\n\nThird page"),
    ],
)  # fmt: skip
def test_the_text_of_each_kind(name: str, data: bytes, text: str | None) -> None:
    read_text = Document(name, data).text
    assert read_text == text if text is not None else "München" in read_text


def test_pages_are_those_of_a_pdf_and_one_for_all_else() -> None:
    assert Document("a.pdf", make_pdf("One", "", "Three")).pages == ["One", "", "Three"]
    assert Document("a.txt", b"One").pages == ["One"]


def encrypted_zip() -> bytes:
    data = bytearray(make_docx("secret"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


BILLION = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in itertools.pairwise("abcdefghij"))
    + "]>"
)
ENCRYPTED_PDF = make_pdf("x").replace(
    b"/Root 1 0 R",
    b"/Root 1 0 R /ID [<"
    + b"00" * 16
    + b"> <"
    + b"00" * 16
    + b">] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
    + b"11" * 32
    + b"> /U <"
    + b"22" * 32
    + b"> >>",
)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.pdf", b"MZ\x90\0 an exe", "This is not a PDF, or a damaged one."),
        ("a.pdf", b"", "This is not a PDF"),
        ("a.pdf", make_pdf("x")[:200], "This is not a PDF"),
        ("a.pdf", ENCRYPTED_PDF, "This PDF has a password."),
        ("a.pdf", make_pdf("", ""), "This PDF holds no text. It may be a scan"),
        ("a.pdf", make_pdf(*["x"] * 10_000), "The document has 10,000 pages; at most 2,000 are read."),
        ("a.docx", b"MZ", "This is not a Word file"),
        ("a.docx", make_docx("x")[:60], "This is not a Word file"),
        ("a.docx", make_docx("x").replace(b"word/document.xml", b"word/documenz.xml"), "This is not a Word file"),
        ("a.docx", b"\xd0\xcf\x11\xe0 old", "This Word file has a password, or is of the old kind"),
        ("a.docx", encrypted_zip(), "This Word file has a password"),
        ("a.docx", make_docx("x", head="<!DOCTYPE w>"), "This is not a Word file"),
        ("a.docx", make_docx(body="<w:p>&j;</w:p>", head=BILLION), "This is not a Word file"),
        ("a.docx", make_docx(body="<w:p>" + " " * 60_000_000 + "</w:p>"), "far larger when unpacked"),
        ("a.docx", make_docx("x" * 5_000_001), "more than 5,000,000 characters"),
        ("a.txt", b"MZ\x90\0 an exe", "This file is not a text."),
        ("a.html", b"x" * 5_000_001, "more than 5,000,000 characters"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value,
)
def test_a_file_that_cannot_be_read_says_why(name: str, data: bytes, message: str) -> None:
    with pytest.raises(DocumentError) as raised:
        _ = Document(name, data).text
    assert message in raised.value.message
    assert isinstance(raised.value, ToolError)


def test_deep_nesting_is_no_crash() -> None:
    deep = 200_000
    assert Document("a.html", b"<div>" * deep + b"deep").text == "deep"
    body = "<w:x>" * deep + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + "</w:x>" * deep
    assert Document("a.docx", make_docx(body=body)).text == "deep"


def test_reading_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds.time, "monotonic", itertools.count(0, 100).__next__)
    for name, data in (("a.pdf", make_pdf("x")), ("a.docx", make_docx("x")), ("a.html", b"x")):
        with pytest.raises(DocumentError, match="takes too long"):
            _ = Document(name, data).text


def test_a_test_of_a_tool_gives_a_document_or_a_text() -> None:
    assert run(read, file=Document("a.md", b"# Hi")).output == "# Hi"
    assert run(read, file="Hi").output == "Hi"


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"a,b\n1,2\n", [{"a": "1", "b": "2"}]),
        (b"a;b\r\n1;2\r\n\r\n3", [{"a": "1", "b": "2"}, {"a": "3", "b": ""}]),
        (b"a\tb\n1\t2", [{"a": "1", "b": "2"}]),
        (b"a\n1", [{"a": "1"}]),
        (b'"a, x";b\n"1\n2";"say ""hi"""', [{"a, x": "1\n2", "b": 'say "hi"'}]),
        ("name,preis\nBrötchen,1\n".encode("cp1252") * 1, None),
        (b"a,b", []),
    ],
)
def test_the_rows_of_a_table(data: bytes, rows: list[dict[str, str]] | None) -> None:
    table = Table("t.csv", data)
    assert table.rows == rows if rows is not None else [*table.rows[0]] == ["name", "preis"]


def test_the_columns_of_a_table_are_in_order() -> None:
    assert Table("t.csv", b"b, a ,c").columns == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The table is empty."),
        (b"a,b\n1,2,3", "Line 2 of the table has 3 cells; the first has 2."),
        (b"a,a\n1,2", "The table has 2 columns named 'a'."),
        (b"a,\n1,2", "A column of the table has no name."),
        (b'a,b\n"1,2', "can't be read"),
        (b"a\n" + b"x" * 200_000, "can't be read"),
        (b"\0", "not a text"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(data: bytes, message: str) -> None:
    table: Any = Table("t.csv", data)
    with pytest.raises(DocumentError, match=message.replace("(", r"\(")):
        _ = table.rows
