"""The rounds of the measurement: a new version goes to the workers, and back. Needs Django's settings."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from bench.authors.projects import NAME, PACKAGE, build_bundle
from bench.common.errors import NotMeasured
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit as submit_job
from gptstore.jobs.models import Job, Status, Worker
from gptstore.releases.deploy import deploy, roll_back
from gptstore.releases.models import Plugin, Release, ReleaseStatus
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
from harness.rows import make_user

MAX_SECONDS = 300.0
LOOK_SECONDS = 0.02


class Rounds:
    """The plugin of the measurement, and the person who submits, approves and deploys its versions."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.number = 0
        self.person = make_user("ada", is_staff=True, is_superuser=True)

    def begin(self) -> None:
        """Have a first version live, to go back to."""
        self.deploy()

    def run(self) -> dict[str, float]:
        """Go to the next version and back. Return the seconds of each part."""
        deployed = self.deploy()
        undisturbed = self.run_tool()
        began = perf_counter()
        roll_back(Plugin.objects.get(name=PACKAGE), self.person)
        moved = perf_counter() - began
        self.run_tool()
        return {
            **deployed,
            "run": undisturbed,
            "rollback": moved,
            "rollback_and_run": perf_counter() - began,
        }

    def deploy(self) -> dict[str, float]:
        """Submit, approve and deploy the next version. Return the seconds from its approval on."""
        release = self.submit()
        wait(lambda: status_of(release) == ReleaseStatus.IN_REVIEW, f"the check of {release}")
        began = perf_counter()
        approve(release, self.person)
        deploy(release, self.person)
        wait(lambda: is_live(release), f"{release} to be live")
        live = perf_counter() - began
        wait(lambda: is_everywhere(release), f"{release} to be on all workers")
        return {"approved_to_live": live, "approved_to_ready_everywhere": perf_counter() - began}

    def submit(self) -> Release:
        """Build and submit the next version."""
        described = self.project / "pyproject.toml"
        text = described.read_text(encoding="utf-8")
        before, self.number = f'version = "0.{self.number or 1}.0"', self.number + 1
        if before not in text and self.number > 1:
            raise NotMeasured(f"{described} does not have {before}.")
        described.write_text(text.replace(before, f'version = "0.{self.number}.0"'), encoding="utf-8")
        for bundle in (self.project / "dist").glob("*.gptx"):
            bundle.unlink()
        return submit(build_bundle(self.project), self.person)

    def run_tool(self) -> float:
        """Run the first example of the tool to its end. Return the seconds."""
        began = perf_counter()
        tool = Tool.objects.get(slug=NAME)
        job = submit_job(self.person, tool, tool.examples[0]["input"])
        wait(lambda: Job.objects.get(pk=job.pk).is_final, f"the end of a run of {tool.release}")
        job.refresh_from_db()
        if job.status != Status.SUCCEEDED:
            raise NotMeasured(f"The run of {job.release} ended with {job.error_code}: {job.error_message}")
        return perf_counter() - began


def wait(done: Callable[[], Any], what: str) -> None:
    """Wait until something holds. Raises NotMeasured when it takes too long."""
    latest = perf_counter() + MAX_SECONDS
    while not done():
        if perf_counter() > latest:
            states = [*Worker.objects.values_list("name", "releases", "refused")]
            raise NotMeasured(f"Waited {MAX_SECONDS:.0f} s for {what}: {states}")
        sleep(LOOK_SECONDS)


def status_of(release: Release) -> str:
    return str(Release.objects.values_list("status", flat=True).get(pk=release.pk))


def is_live(release: Release) -> bool:
    return Plugin.objects.filter(live=release.pk).exists()


def is_everywhere(release: Release) -> bool:
    reports = Worker.objects.values_list("releases", flat=True)
    return all((report or {}).get(release.key) == "" for report in reports)
