"""From a bundle to a tool that a worker runs, beside `pip install` into the worker's environment and its restart.

Both begin with a store that runs and end when a worker takes jobs of the tool. The worker has the echo engine: loading
a model would add the same seconds to each restart.
"""

import shutil
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.authors.projects import DEPENDENCIES, NAME, PACKAGE, build_bundle, call, new_project, run_timed
from bench.authors.sizes import Sizes
from bench.common.database import open_database
from bench.common.errors import NotMeasured
from bench.sandbox.report import Figure, Part
from harness.process import ROOT, Process
from harness.redis import redis_server
from harness.site import Site

AIMS = {0: 3.0, len(DEPENDENCIES): 10.0}
READY = "worker_ready"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


def measure_install(sizes: Sizes, folder: Path) -> Part:
    figures: list[Figure] = []
    for dependencies in sizes.dependencies:
        bundle = build_bundle(new_project(folder, dependencies))
        wheel, count = plugin_wheel(bundle, folder / f"wheel-{len(dependencies)}"), len(dependencies)
        with started_store() as store:
            ours = [store.install(bundle) for _ in range(sizes.installs)]
            theirs = [store.install_by_pip(wheel) for _ in range(sizes.installs)]
        words = f"{count} dependencies" if count else "no dependencies"
        figures.append(Figure.of(f"gptstore install to ready, {words}", ours, "s", aim=AIMS[count]))
        figures.append(Figure.of(f"pip install and a restart, {words} (baseline)", theirs, "s"))
    return Part("install", figures)


def plugin_wheel(bundle: Path, folder: Path) -> Path:
    """Take the plugin's own wheel out of its bundle, as pip would get it."""
    with zipfile.ZipFile(bundle) as archive:
        name = next(one for one in archive.namelist() if one.startswith(f"wheels/{PACKAGE.replace('-', '_')}-"))
        return Path(archive.extract(name, folder))


class Store:
    """A store whose worker runs. python: of an environment that has the worker's packages, and may be changed."""

    def __init__(self, site: Site, python: str) -> None:
        self.site = site
        self.python = python
        self.worker = self.start_worker()

    def install(self, bundle: Path) -> float:
        """Return the seconds from `gptstore install` to a worker that has the tool, and uninstall it."""
        began = perf_counter()
        call("install", bundle, environment=self.site.environment)
        taken = perf_counter() - began
        self.check_catalogue()
        call("uninstall", PACKAGE, environment=self.site.environment)
        shutil.rmtree(self.site.folder / "environments", ignore_errors=True)
        return taken

    def install_by_pip(self, wheel: Path) -> float:
        """Return the seconds from `pip install` to a worker that has the tool, and uninstall it."""
        began = perf_counter()
        run_timed([self.python, *PIP, "install", str(wheel)])
        run_timed([self.python, "manage.py", "sync_tools"], {**self.site.environment, "PYTHONPATH": str(ROOT)})
        self.restart_worker()
        taken = perf_counter() - began
        self.check_catalogue()
        run_timed([self.python, *PIP, "uninstall", "--yes", PACKAGE, *DEPENDENCIES, "text-unidecode"])
        return taken

    def check_catalogue(self) -> None:
        """Raise NotMeasured unless the tool is there: nothing else that was measured counts."""
        with closing(open_database(self.site.database)) as database:
            if (NAME,) not in [tuple(row) for row in database.ask("SELECT slug FROM catalog_tool WHERE installed")]:
                raise NotMeasured(f"the catalogue has no tool {NAME} after it was installed")

    def restart_worker(self) -> None:
        self.worker.stop()
        self.worker = self.start_worker()

    def start_worker(self) -> Process:
        log = self.site.folder / "worker.log"
        before = log.read_text().count(READY) if log.exists() else 0
        command = [self.python, "-m", "worker"]
        return self.site.start(command, log.name, lambda: log.read_text().count(READY) > before, 120)


@contextmanager
def started_store() -> Iterator[Store]:
    """Run a store with a worker and without a tool of the benchmark's."""
    with TemporaryDirectory(prefix="bench-authors-") as name:
        folder = Path(name)
        releases = folder / "releases"
        releases.mkdir()
        with redis_server(folder) as redis, Site(folder, redis.url, model="echo", releases=str(releases)) as site:
            site.manage("migrate", "--noinput")
            site.manage("sync_tools")
            yield Store(site, changeable_environment(folder / "environment"))


def changeable_environment(place: Path) -> str:
    """Make an environment in which this one's packages are there, too, and return its Python."""
    run_timed([sys.executable, "-m", "venv", "--without-pip", str(place)])
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    own = sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)})
    seen = sysconfig.get_path("purelib")
    (Path(own) / "packages-of-the-worker.pth").write_text(f"import site; site.addsitedir({seen!r})\n")
    return str(python)
