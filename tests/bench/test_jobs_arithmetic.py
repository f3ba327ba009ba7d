"""What the benchmark of jobs makes of what it measured."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from bench.common.errors import NotMeasured
from bench.common.report import rounded
from bench.common.samples import percentile, spread
from bench.jobs import rows
from bench.jobs.bare import BareFlight
from bench.jobs.client import read_head
from bench.jobs.database import moment
from bench.jobs.growth import Level
from bench.jobs.report import Found, Summary, aims, growth_ratios, summarize
from bench.jobs.table import draw


def flown(per_s: float, running: float) -> Summary:
    return Summary(1, {"per_s": spread([per_s]), "running_p50": spread([running])}, {})


def test_percentiles_fall_between_neighbours() -> None:
    assert percentile([float(number) for number in range(101)], 95) == pytest.approx(95)
    assert percentile([1.0, 2.0], 50) == pytest.approx(1.5)
    assert percentile([7.0], 95) == 7


def test_a_figure_is_the_median_of_its_rounds() -> None:
    rounds = [BareFlight(per_s, 2 * per_s, 1, {"worker": per_s / 10}) for per_s in (10.0, 30.0, 20.0)]
    summary = summarize(8, rounds)
    assert (summary.in_flight, summary.figures["per_s"].median, summary.figures["running_p50"].median) == (8, 20, 40)
    assert (summary.figures["per_s"].lower_quartile, summary.figures["per_s"].upper_quartile) == (15, 25)
    assert summary.cpu_ms["worker"].median == 2


def test_both_databases_write_times_that_are_the_same_to_us() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    assert moment("2026-01-02 03:04:05.678") == moment(at) == at.timestamp()


def test_the_rate_counts_on_postgresql_and_the_delay_on_the_slower_database() -> None:
    quick = Found("PostgreSQL", {}, [flown(120, 10)], [], [])
    slow = Found("SQLite", {}, [flown(500, 31)], [], [])
    assert [*aims([quick, slow]).values()][:2] == [False, True]
    assert [*aims([quick]).values()][:2] == [True, True]
    assert [*aims([slow]).values()] == [False, None, None]


def test_growth_is_compared_with_the_empty_table() -> None:
    empty, full = Level(0, 0, 1, 2, 4, 9, 9), Level(1_000, 10, 5, 3, 4, None, None)
    assert growth_ratios([empty, full]) == [1.5, 1]
    assert growth_ratios([]) == []


def test_copies_differ_where_they_are_told_to() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE jobs_job (id, status, output)")
        database.execute("INSERT INTO jobs_job VALUES ('a', 'succeeded', 'Done.')")
        database.execute(
            rows.copies("jobs_job", ["id", "status", "output"], {"id": "'b' || n"}, "status = 'succeeded'", 5, 3)
        )
        made = database.execute("SELECT * FROM jobs_job WHERE id <> 'a' ORDER BY id").fetchall()
    assert made == [(f"b{number}", "succeeded", "Done.") for number in (5, 6, 7)]


def test_an_answer_says_its_status_and_its_length() -> None:
    assert read_head(b"HTTP/1.1 202 Accepted\r\nContent-LENGTH:  17\r\nX: 1\r\n\r\n") == (202, 17)
    with pytest.raises(NotMeasured, match="without a length"):
        read_head(b"HTTP/1.1 200 OK\r\n\r\n")


def test_numbers_in_the_report_have_four_digits() -> None:
    assert rounded({"a": [1.23456, 12345.6, 7], "b": ("x", None)}) == {"a": [1.235, 12350, 7], "b": ["x", None]}


def test_the_table_says_what_could_not_be_measured() -> None:
    assert "not measured: no server" in draw([Found("PostgreSQL", {}, [], [], [], "no server")])
