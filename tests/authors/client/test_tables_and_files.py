"""Runs that give a table or a file, from the shell: on a terminal, to a pipe, and as a file."""

import json
from pathlib import Path

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Status
from harness.rows import make_job, make_tool
from tests.api.acting_worker import ActingWorker
from tests.authors.client.command import Gptstore
from tests.authors.client.test_run import take

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = '["name","n"]\n["=1+1\\u001b[2J",1]\n["é",22]\n'
FILE = '{"name":"report.csv","type":"text/csv","size":6,"data":"YSxiCv8K"}'
DATA = b"a,b\n\xff\n"


@pytest.fixture
def lister(transactional_db: None) -> Tool:
    return make_tool("lister", output="table")


@pytest.fixture
def packer(transactional_db: None) -> Tool:
    return make_tool("packer", output="file")


def test_a_table_goes_to_a_pipe_as_csv_row_by_row(gptstore: Gptstore, worker: ActingWorker, lister: Tool) -> None:
    worker.tools = ("lister",)
    with gptstore.start("run", "lister", "--text", "hello") as process:
        take(worker)
        worker.say('["name","n"]\n["=1', '+1",1]\n["')
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == [b"name,n\r\n", b"'=1+1,1\r\n"]
        worker.say('é",22]\n')
        worker.succeed()
        printed, said = process.communicate(timeout=60)

    assert (process.returncode, printed.decode(), said) == (0, "é,22\r\n", b"")


def test_a_table_is_one_on_a_terminal(gptstore: Gptstore, person: User, lister: Tool) -> None:
    job = make_job(person, lister, Status.SUCCEEDED, output=TABLE)

    for command in ("follow", "jobs"):
        with gptstore.terminal(command, str(job.id)) as terminal:
            assert terminal.end() == 0
        lines = [line.split() for line in terminal.plain.splitlines()]
        assert ["┃", "name", "┃", "n", "┃"] in lines
        assert ["│", "=1+1␛[2J", "│", "1", "│"] in lines
        assert ["│", "é", "│", "22", "│"] in lines


def test_a_table_is_written_as_csv_and_its_events_are_as_they_are(
    gptstore: Gptstore, person: User, lister: Tool
) -> None:
    job = make_job(person, lister, Status.SUCCEEDED, output=TABLE)

    done = gptstore.run("follow", str(job.id), "--json", "-o", "out.csv")

    assert (gptstore.folder / "out.csv").read_bytes().splitlines()[1:] == [b"'=1+1\x1b[2J,1", "é,22".encode()]
    assert json.loads(done.stdout.splitlines()[-1])["data"]["output"] == TABLE


def test_a_file_is_saved_under_its_name_unless_there_is_one(gptstore: Gptstore, person: User, packer: Tool) -> None:
    job = make_job(person, packer, Status.SUCCEEDED, output=FILE)
    saved = gptstore.folder / "report.csv"

    with gptstore.terminal("follow", str(job.id)) as terminal:
        assert terminal.end() == 0
    assert saved.read_bytes() == DATA
    assert "Saved report.csv: 6 bytes, text/csv." in terminal.plain
    saved.write_text("mine")
    with gptstore.terminal("follow", str(job.id)) as terminal:
        assert terminal.end() == 1

    assert saved.read_text() == "mine"
    assert f"gptstore follow {job.id} -o FILE" in " ".join(terminal.plain.split())


def test_a_pipe_gets_the_bytes_and_o_the_file(gptstore: Gptstore, person: User, packer: Tool) -> None:
    job = make_job(person, packer, Status.SUCCEEDED, output=FILE)

    for command in ("follow", "jobs"):
        with gptstore.start(command, str(job.id)) as process:
            assert process.communicate(timeout=60)[0] == DATA
    assert gptstore.run("follow", str(job.id), "-o", "other.csv").returncode == 0
    assert (gptstore.folder / "other.csv").read_bytes() == DATA
    assert not (gptstore.folder / "report.csv").exists()


@pytest.mark.parametrize("name", ["../report.csv", "/tmp/report.csv", ".bashrc", "a\\b"])
def test_no_store_chooses_another_folder(gptstore: Gptstore, person: User, packer: Tool, name: str) -> None:
    job = make_job(person, packer, Status.SUCCEEDED, output=FILE.replace("report.csv", json.dumps(name)[1:-1]))
    before = {*Path(gptstore.folder).parent.iterdir(), *gptstore.folder.iterdir()}

    with gptstore.terminal("follow", str(job.id)) as terminal:
        assert terminal.end() == 1

    assert "without a whole file" in terminal.plain
    assert {*Path(gptstore.folder).parent.iterdir(), *gptstore.folder.iterdir()} == before


def test_lists_of_runs_show_rows_and_names(gptstore: Gptstore, person: User, packer: Tool, lister: Tool) -> None:
    make_job(person, packer, Status.SUCCEEDED, output=FILE)
    make_job(person, lister, Status.SUCCEEDED, output='["a","b"]\n["x",1]\n')

    with gptstore.terminal("jobs") as terminal:
        assert terminal.end() == 0

    assert "report.csv (6" in terminal.plain
    assert "x · 1" in terminal.plain
