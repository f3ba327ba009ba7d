"""A whole store for one run, in a folder of its own: made, run, and taken down again whatever happens."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from bench.chaos.database import Reconnecting
from bench.chaos.fleet import Fleet
from bench.chaos.plan import Plan
from bench.chaos.proxy import Proxy
from bench.chaos.witness import Witness
from harness.plugins import before_pythonpath, link_plugin
from harness.postgres import Postgres, postgres_server
from harness.process import ROOT
from harness.redis import RedisServer, redis_server
from harness.site import Site

PREPARE_SECONDS = 120
PLUGIN = Path(__file__).parent / "plugin/gptstore_chaos"


@dataclass
class Store:
    """A running store. keys: an API key for each person. The locks keep two faults from the same thing at a time."""

    url: str
    keys: dict[str, str]
    fleet: Fleet
    witness: Witness
    redis: RedisServer
    web_proxy: Proxy
    worker_proxy: Proxy
    postgres: Postgres | None
    redis_lock: Lock = field(default_factory=Lock)
    web_lock: Lock = field(default_factory=Lock)
    worker_lock: Lock = field(default_factory=Lock)
    postgres_lock: Lock = field(default_factory=Lock)


@contextmanager
def open_store(plan: Plan, database: str, folder: Path) -> Iterator[Store]:
    """Run a store within the context. database: sqlite or postgres. Logs, and SQLite's file, stay in the folder."""
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server()) if database == "postgres" else None
        sockets = stack.enter_context(TemporaryDirectory(prefix="gptstore-chaos-", dir="/tmp"))
        redis = stack.enter_context(redis_server(sockets))
        web_proxy, worker_proxy = Proxy(f"{sockets}/redis.sock"), Proxy(f"{sockets}/redis.sock")
        for proxy in (web_proxy, worker_proxy):
            proxy.start()
            stack.callback(proxy.stop)
        site = Site(folder, redis.url, postgres.url if postgres else "", model="echo", sandbox="false")
        plugin = link_plugin(folder / "plugin", "gptstore-chaos", PLUGIN, "gptstore_chaos.plugin")
        environment = {**site.environment, "PYTHONPATH": before_pythonpath(plugin)}
        keys = prepare(environment, plan.owners, folder / "prepare.log")
        witness = Witness(Reconnecting(site.database))
        witness.begin()
        fleet = Fleet(folder, environment, site.url, address(web_proxy), address(worker_proxy))
        stack.callback(fleet.stop)
        fleet.start(plan.workers)
        yield Store(site.url, keys, fleet, witness, redis, web_proxy, worker_proxy, postgres)


def address(proxy: Proxy) -> str:
    return f"redis://127.0.0.1:{proxy.port}/0"


def prepare(environment: dict[str, str], people: int, log: Path) -> dict[str, str]:
    command = [sys.executable, "-m", "bench.chaos.seed", str(people)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GPTSTORE_")}
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**inherited, **environment},
            stdout=subprocess.PIPE,
            stderr=output,
            timeout=PREPARE_SECONDS,
            check=True,
        )
    keys: dict[str, str] = json.loads(done.stdout)
    return keys
