"""Checks a submitted release on this worker, as a deployment would run it: its environment, manifest and examples.

Everything of the release that runs, runs in the sandbox.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections

from gptstore.catalog.errors import SyncFailed
from gptstore.catalog.models import Tool
from gptstore.catalog.sync import ask, describe_options, fill
from gptstore.releases import checks
from gptstore.releases.check_report import CheckReport, ExampleReport, Ran
from gptstore.releases.models import Check, Release
from gptstore.sdk.texts import base_text
from gptstore.sdk.wheels.conflict import PLUGIN, read_conflict
from worker.hosts.sandbox.sandbox import Sandbox
from worker.jobs.example_run import run_example
from worker.process.worker_process import WorkerProcess

log = structlog.get_logger(__name__)

MAX_EXAMPLES = 20
HOST_SECONDS = 720.0
"""The time in which its environment is built, for which uv has 600 s, and its process starts."""

LOOK_SECONDS = 0.1
RENEW_SECONDS = 10.0


class NotRunnable(Exception):
    """Raised when a release can't run here at all. The message says why, for its author."""


def check_next(worker: WorkerProcess) -> bool:
    """Check the release whose turn it is. Return whether there was one. Without a sandbox it is left to others.

    A check that fails by a fault of ours is not concluded: its lease runs out, and another worker takes it.
    """
    if not isinstance(worker.host, Sandbox):
        return False
    check = checks.claim(worker.name)
    if check is None:
        return False
    log.info("check_started", release=str(check.release), attempt=check.attempt)
    report = Examination(worker, check).run()
    checks.conclude(check, report)
    log.info("check_ended", release=str(check.release), fault=report.fault, failed=len(report.failed))
    close_old_connections()
    return True


class Examination:
    """One check. Each step adds lines to its log, which people read while it runs."""

    def __init__(self, worker: WorkerProcess, check: Check) -> None:
        self.worker = worker
        self.check = check
        self.release: Release = check.release
        self.name = self.release.plugin.name

    def run(self) -> CheckReport:
        began, model = monotonic(), self.worker.engine.info
        found: dict[str, Any] = {}
        try:
            self.wait_for_host()
            self.compare_manifest()
            found["examples"] = [*self.run_examples()]
        except NotRunnable as error:
            self.say(f"It cannot run: {error}")
            found |= explain(str(error))
        level = self.worker.setup.level.name
        seconds = round(monotonic() - began, 3)
        return CheckReport(worker=self.worker.name, model=model.name, sandbox=level, seconds=seconds, **found)

    def say(self, line: str) -> None:
        checks.add_line(self.check, line)

    def compare_manifest(self) -> None:
        """Let the plugin describe itself in the sandbox, and compare that with the bundle."""
        described = self.describe()
        if described != self.release.manifest:
            fault = first_difference(self.release.manifest, described)
            raise NotRunnable(f"its code describes itself otherwise than its manifest.json: {fault}. Build it anew.")
        tools = ", ".join(tool["slug"] for tool in described["tools"])
        self.say(f"It can be imported, and offers what its manifest says: {tools}")

    def describe(self) -> dict[str, Any]:
        """Let the plugin describe itself in the environment that this worker has made. Raises NotRunnable."""
        command = [sys.executable, "-m", "worker.hosts.releases.describe", str(self.environment)]
        try:
            answer = ask([*command, *describe_options(), "--lowest", settings.ENV.sandbox_level])
        except SyncFailed as error:
            raise NotRunnable(str(error)) from None
        if answer["broken"]:
            raise NotRunnable(answer["broken"][0]["error"])
        found: dict[str, Any] = answer["manifests"][0]
        return found

    @property
    def environment(self) -> Path:
        """Return the folder of the environment in which its process runs. Raises NotRunnable when it was taken away."""
        installer = self.worker.setup.installer
        deployed = installer.releases.get(self.release.key) if installer else None
        if deployed is None or deployed.installation is None:
            raise NotRunnable("its environment was taken away while it was checked")
        return deployed.installation.environment

    def wait_for_host(self) -> None:
        """Wait until this worker has built its environment and runs it, as if it were deployed. Raises NotRunnable."""
        self.say(f"{self.release} on {self.worker.name}: building its environment from its own wheels, offline")
        began = renewed = monotonic()
        while (state := (self.worker.setup.releases or {}).get(self.release.key)) is None:
            now = monotonic()
            if now - began > HOST_SECONDS:
                raise NotRunnable(f"its process was not ready after {HOST_SECONDS:.0f} s")
            if now - renewed > RENEW_SECONDS:
                self.say("Waiting for its process")
                renewed = now
            sleep(LOOK_SECONDS)
        if state:
            raise NotRunnable(state)
        self.say("Its process is ready")

    def run_examples(self) -> Iterator[ExampleReport]:
        """Run the examples of all tools on this worker's model, and the same inputs on the live release."""
        tools = self.release.manifest["tools"]
        examples = [(tool, example) for tool in tools for example in tool["examples"]]
        for described, example in examples[:MAX_EXAMPLES]:
            slug, title = described["slug"], base_text(example["title"])
            new = self.run_one(described, example["input"], self.release)
            self.say(f"{slug}, “{title}”: {describe(new)}")
            yield ExampleReport(tool=slug, title=title, new=new, live=self.run_live(slug, example["input"]))

    def run_live(self, slug: str, given: dict[str, Any]) -> Ran | None:
        """Run the live release with this input, where it is on this worker and has the tool."""
        live = self.release.plugin.live
        if live is None or (self.name, live.key) not in self.worker.host.offers:
            return None
        described = next((tool for tool in live.manifest["tools"] if tool["slug"] == slug), None)
        return described and self.run_one(described, given, live)

    def run_one(self, described: dict[str, Any], given: dict[str, Any], release: Release) -> Ran:
        tool = Tool(slug=described["slug"])
        fill(tool, described, release.manifest)
        if release.is_deployable:  # what nobody has approved gets no settings: they hold secrets
            stored = Tool.objects.filter(slug=tool.slug, plugin=tool.plugin).only("pk").first()
            tool.pk = stored.pk if stored else None
        owner = release.submitted_by_id or 0
        return run_example(tool, given, release.key, self.worker.engine, self.worker.host, owner)


def describe(ran: Ran) -> str:
    """Return how an example ended and what it took, for the log."""
    denied = ", ".join(f"{kind} {number}" for kind, number in (ran.denied or {}).items())
    calls = f", denied calls: {denied}" if denied else ""
    failed = f"{ran.error} " if ran.error else ""
    return f"{failed}{ran.seconds} s, {ran.completion_tokens} tokens, {ran.memory / 1e6:.0f} MB{calls}"


def explain(error: str) -> dict[str, Any]:
    """Return the fault for the report; where packages exclude each other, who needs what in place of uv's words."""
    if (conflict := read_conflict(error)) is None:
        return {"fault": error}
    needs = [(need.versions or "any", "the bundle" if need.asker == PLUGIN else need.asker) for need in conflict.needs]
    fault = f"Its packages cannot be installed together: no version of {conflict.package} suits all. Build it anew."
    return {"fault": fault, "needs": needs}


def first_difference(expected: Any, found: Any, where: str = "") -> str:
    """Return where two JSON values differ first, and how, in short."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in [*expected, *(name for name in found if name not in expected)]:
            if name not in expected or name not in found or expected[name] != found[name]:
                return first_difference(expected.get(name), found.get(name), f"{where}.{name}".lstrip("."))
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            if one != other:
                return first_difference(one, other, f"{where}[{index}]")
    return f"{where} is {repr(found)[:80]}, not {repr(expected)[:80]}"
