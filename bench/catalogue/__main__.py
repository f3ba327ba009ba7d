"""Measures the pages of a store with many tools and many runs; prints JSON.

A store of its own, on SQLite or PostgreSQL, is filled with tools that are like the real ones and with finished runs of
many people. Then the real web process is asked for each page: by one client, and by many at once. Each page has its
milliseconds, its bytes and its number of queries; a page that this version of the store lacks is left out, with its
status. Beside it: what the store did when it read all tools for each page. Last, a sync of a hundred new tools.
"""

import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

from bench.common.machine import begun_at, commit, describe_processor, load
from bench.common.report import report_parser, rounded
from harness.postgres import postgres_server
from harness.redis import redis_server
from harness.site import Site

MAX_MS, MAX_BYTES, MAX_QUERIES = 50, 100_000, 12


def main(arguments: Sequence[str] | None = None) -> int:
    parser = report_parser("bench.catalogue", __doc__)
    parser.add_argument("--tools", type=int, default=100_000, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1_000_000, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--people", type=int, default=1_000, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--clients", type=int, default=32, metavar="N", help="at once (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3, metavar="N", help="each page (default: %(default)s)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="(default: %(default)s)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only pages that have this in their names")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="bench-catalogue-") as name,
        open_site(Path(name), options.database) as site,
    ):
        report = run(site, options)
    text = json.dumps(rounded(report), indent=2, ensure_ascii=False)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)
    return 0


def run(site: Site, options: Any) -> dict[str, Any]:
    from bench.catalogue.fill import fill  # what reads rows needs the store's settings
    from bench.catalogue.measure import Visitors, measure
    from bench.catalogue.old_way import measure_old_way
    from bench.catalogue.pages import find_pages
    from bench.catalogue.sync import measure_sync

    filled = fill(options.tools, options.jobs, options.people)
    site.start_web()
    visitors = Visitors(site.url)
    pages: dict[str, Any] = {}
    before = load()
    for page in find_pages():
        if options.only in page.name:
            pages[page.name] = {"address": page.address, **measure(page, visitors, options.clients, options.seconds)}
            print(f"{page.name}: {rounded(pages[page.name])}", file=sys.stderr)
    return {
        "begun_at": begun_at(),
        "commit": commit(),
        **describe_processor(),
        "load_before": before,
        "load_after": load(),
        "database": options.database,
        "tools": options.tools,
        "jobs": options.jobs,
        "people": options.people,
        "filling_s": filled,
        "pages": pages,
        "old_way_ms": measure_old_way(),
        "sync_s": measure_sync(),
        "beyond_the_limits": [name for name, figures in pages.items() if not holds(figures)],
    }


def holds(figures: dict[str, Any]) -> bool:
    """Return whether a page keeps within the limits: its time with one client, its bytes, and its queries."""
    if "skipped" in figures:
        return True
    return bool(
        figures["clients_1"]["p95_ms"] <= MAX_MS and figures["bytes"] <= MAX_BYTES and figures["queries"] <= MAX_QUERIES
    )


@contextmanager
def open_site(folder: Path, database: str) -> Iterator[Site]:
    """Run an empty store within the context, without a process yet, and set Django up for it in this process."""
    folder.chmod(0o755)
    with redis_server(folder) as redis, open_database(database) as url, Site(folder, redis.url, url) as site:
        site.prepare()
        os.environ.update(site.environment)
        django.setup()
        logging.getLogger("httpx").setLevel(logging.WARNING)
        yield site


@contextmanager
def open_database(kind: str) -> Iterator[str]:
    """Yield the URL of an empty database; "" is a file in the store's folder."""
    if kind == "sqlite":
        yield ""
        return
    with postgres_server(durable=True) as server:
        yield server.url


if __name__ == "__main__":
    sys.exit(main())
