"""Runs that gave a table or a file: on their pages, in lists and searches, and as downloads."""

import csv
import io
import json
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import OutputSoFar
from gptstore.jobs.listing import Filters, narrow
from gptstore.jobs.models import Job, Status
from gptstore.sdk import Columns, Context, File, tool
from gptstore.sdk.render.table_file import MAX_CELL, MAX_ROWS
from gptstore.sdk.testing import run
from gptstore.web.runs import page as run_page
from harness.rows import make_job, make_tool, make_user

pytestmark = pytest.mark.django_db
HOSTILE = ["<script>alert(1)</script>", "=cmd()|' /C calc'!A0", "a\u202eb", 'x" onload="y']


def stored(result: Any) -> str:
    """Return the stored form of rows, or of a file."""

    @tool(output="file" if isinstance(result, File) else "table", summary="Give.")
    def give(ctx: Context) -> Any:
        return result

    return run(give).output


@pytest.fixture
def ada() -> User:
    return make_user("ada")


@pytest.fixture
def mine(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def lister() -> Tool:
    return make_tool("lister", output="table")


@pytest.fixture
def packer() -> Tool:
    return make_tool("packer", output="file")


def body(response: HttpResponse) -> str:
    return response.content.decode()


def test_a_table_has_heads_a_count_and_numbers_on_the_right(mine: Client, ada: User, lister: Tool) -> None:
    rows = [{"item": "bread", "price": 3}, {"item": "-5", "price": -2.5}, {"item": None, "price": None}]
    job = make_job(ada, lister, Status.SUCCEEDED, output=stored(rows))

    page = body(mine.get(job.get_absolute_url()))

    assert "<caption>3 rows</caption>" in page
    assert '<th scope="col" dir="auto">item</th><th scope="col" dir="auto" class="number">price</th>' in page
    assert '<td dir="auto">bread</td><td class="number">3</td>' in page
    assert '<td dir="auto">-5</td><td class="number">-2.5</td>' in page
    assert 'data-copy="#output-raw"' in page
    assert "item\tprice\nbread\t3\n-5\t-2.5\n\t</textarea>" in page


def test_what_is_in_cells_is_shown_and_not_obeyed(mine: Client, ada: User, lister: Tool) -> None:
    names = ["<b>name</b>", "two", "three", "four"]
    job = make_job(ada, lister, Status.SUCCEEDED, output=stored([Columns(*names), HOSTILE]))

    page = body(mine.get(job.get_absolute_url()))

    assert "<script>alert" not in page
    assert "<b>name" not in page
    assert ' onload="' not in page
    assert all(f'<td dir="auto">{cell}</td>' in unescape(page) for cell in HOSTILE)


def test_many_rows_and_long_cells_are_cut_with_a_way_to_all(mine: Client, ada: User, lister: Tool) -> None:
    many = '["n"]\n' + "[7]\n" * 100_000
    job = make_job(ada, lister, Status.SUCCEEDED, output=many)

    page = body(mine.get(job.get_absolute_url()))

    assert "<caption>100,000 rows</caption>" in page
    assert page.count('<td class="number">7</td>') == MAX_ROWS
    assert f"These are the first {MAX_ROWS} of 100,000 rows." in page
    assert 'data-copy="#output-raw"' not in page
    assert len(page) < 100_000
    assert body(mine.get(f"/runs/{job.id}/download")).count("7\r\n") == 100_000

    long = make_job(ada, lister, Status.SUCCEEDED, output=stored([{"a": "x" * (MAX_CELL + 1)}]))
    assert "Long cells are cut off." in body(mine.get(long.get_absolute_url()))


def test_a_table_is_downloaded_as_csv_without_formulas_and_as_json_as_it_is(
    mine: Client, ada: User, lister: Tool
) -> None:
    job = make_job(ada, lister, Status.SUCCEEDED, output=stored([Columns(*"abcd"), HOSTILE, [1, None, True, "é"]]))

    as_csv, as_json = (mine.get(f"/runs/{job.id}/download{query}") for query in ("", "?format=json"))

    read = [*csv.reader(io.StringIO(body(as_csv).removeprefix("\ufeff"), newline=""))]
    assert body(as_csv).startswith("\ufeff")
    assert read[1][1] == "'=cmd()|' /C calc'!A0"
    assert read[2] == ["1", "", "true", "é"]
    assert json.loads(body(as_json))[0]["b"] == "=cmd()|' /C calc'!A0"
    for response, suffix, media_type in ((as_csv, "csv", "text/csv"), (as_json, "json", "application/json")):
        assert response["Content-Disposition"] == f'attachment; filename="lister-{str(job.id)[-8:]}.{suffix}"'
        assert response["Content-Type"] == f"{media_type}; charset=utf-8"
        assert response["X-Content-Type-Options"] == "nosniff"


def test_rows_show_while_the_table_is_written(
    mine: Client, ada: User, lister: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(ada, lister, Status.RUNNING)
    monkeypatch.setattr(run_page, "read_output_so_far", lambda job: OutputSoFar('["n"]\n["one"]\n["tw', 3))

    page, part = body(mine.get(job.get_absolute_url())), body(mine.get(f"/runs/{job.id}/output"))

    for shown in (page, part):
        assert "<caption>1 row</caption>" in shown
        assert '<td dir="auto">one</td>' in shown
        assert "tw" not in shown.replace("two", "").partition("output-body")[2].partition("</table>")[0]
        assert 'data-length="14"' in shown
    assert 'data-copy="#output-raw"' not in page  # what is written so far is for programs


def test_a_table_without_rows_says_so(mine: Client, ada: User, lister: Tool) -> None:
    job = make_job(ada, lister, Status.SUCCEEDED, output="")

    assert "The table has no rows." in body(mine.get(job.get_absolute_url()))
    assert body(mine.get(f"/runs/{job.id}/download")) == "\ufeff"


def test_a_file_shows_what_it_is_and_is_downloaded(mine: Client, ada: User, packer: Tool) -> None:
    job = make_job(
        ada, packer, Status.SUCCEEDED, output=stored(File("Größe & <b>.html".replace("<b>", "b"), b"<script>"))
    )

    page, response = body(mine.get(job.get_absolute_url())), mine.get(f"/runs/{job.id}/download")

    assert "<bdi>Größe &amp; b.html</bdi>" in page
    assert "text/html · 8\xa0bytes" in page
    assert f'href="/runs/{job.id}/download" download>Download</a>' in page
    assert "PHNjcmlwdD4=" not in page
    assert response.content == b"<script>"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe%20%26%20b.html"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("output", ["", "[1]", '{"name":"a.txt","type":"text/plain","size":5,"data":"aGV'])
def test_a_part_of_a_file_is_no_file(mine: Client, ada: User, packer: Tool, output: str) -> None:
    job = make_job(ada, packer, Status.CANCELED, output=output)

    page = body(mine.get(job.get_absolute_url()))

    assert ("There is no whole file." if output else "There is no answer.") in page
    assert "/download" not in page
    assert mine.get(f"/runs/{job.id}/download").status_code == 404


def test_lists_show_the_first_rows_and_the_name_of_a_file(mine: Client, ada: User, lister: Tool, packer: Tool) -> None:
    make_job(ada, lister, Status.SUCCEEDED, output=stored([{"a": "bread & milk", "b": 3}, {"a": "x" * 900, "b": 4}]))
    make_job(ada, packer, Status.SUCCEEDED, output=stored(File("report.pdf", bytes(2048))))

    page = body(mine.get("/runs/"))

    assert "bread &amp; milk · 3</span>" in page
    assert "report.pdf (2.0\xa0KB)" in page


def test_a_search_finds_cells_and_names_of_files_but_not_their_data(ada: User, lister: Tool, packer: Tool) -> None:
    table = make_job(ada, lister, Status.SUCCEEDED, input={}, output=stored([{"a": 'say "世界"\n'}]))
    file = make_job(ada, packer, Status.SUCCEEDED, input={}, output=stored(File("report.pdf", b"hello hello")))
    cut = make_job(ada, packer, Status.CANCELED, input={}, output='{"name":"odd')

    def found(words: str) -> list[Job]:
        return [*narrow(Job.objects.all(), Filters(query=words))]

    assert found('"世界"\n') == [table]
    assert found("REPORT.pdf") == [file]
    assert "aGVsbG8gaGVsbG8=" in file.output
    assert found("gaGVsbG8") == []
    assert cut not in found("odd%")


def test_nobody_replies_to_a_table(ada: User, lister: Tool) -> None:
    job = make_job(ada, lister, Status.SUCCEEDED, output=stored([{"a": 1}]))

    assert run_page.RunPage(job).reply_form is None
