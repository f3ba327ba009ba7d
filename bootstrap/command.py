"""The steps of `python3 bootstrap ROLE`, in order."""

import argparse
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from environment import Environment, EnvironmentProblem
from progress import Progress
from stamp import Stamp

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "requirements/constraints.txt"
REQUIREMENTS = {
    "demo": [ROOT / "requirements/worker.txt"],
    "dev": [ROOT / "requirements/worker.txt", ROOT / "requirements/dev.txt"],
}
TORCH = ROOT / "requirements/torch.txt"


def main() -> None:
    options = parse_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    environment = Environment(options.venv)
    stamp = Stamp(ROOT, environment, {role: [*paths, TORCH] for role, paths in REQUIREMENTS.items()})
    if stamp.covers(options.role):
        return
    try:
        with alone():
            if not stamp.covers(options.role):
                environment.check_whose(ROOT)
                install(environment, stamp, options.role)
    except EnvironmentProblem as problem:
        sys.exit(f"\n{problem}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next run goes on from here.")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bootstrap", description="Makes the project's virtual environment.")
    parser.add_argument("role", choices=REQUIREMENTS, help="demo: web and worker; dev: tests and lint besides")
    default = os.environ.get("GPTSTORE_VENV") or ROOT / ".venv"
    parser.add_argument("--venv", type=lambda text: Path(text).absolute(), default=Path(default).absolute())
    return parser.parse_args()


@contextmanager
def alone() -> Iterator[None]:
    """Lock the environment: two installations at once would spoil each other, so the second one waits."""
    with open(__file__) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(environment: Environment, stamp: Stamp, role: str) -> None:
    began = time.monotonic()
    requirements = REQUIREMENTS[role]
    print("Preparing", shown(environment.folder), "(once; later starts skip this)", flush=True)
    for one in environment.replaced(requirements):
        print(f"  {one}: the pinned one is installed again", flush=True)
    if not environment.is_usable():
        with Progress("Python environment"):
            environment.create()
    stamp.remove()
    environment.constrain(CONSTRAINTS)
    environment.discard_half_installed_packages()
    with Progress("Packages", total=count_pins(requirements)) as progress:
        files = [argument for path in requirements for argument in ("-r", str(path))]
        environment.pip_install(["--require-hashes", "--no-deps", *files], progress)
    with Progress("PyTorch", hint=torch_hint()) as progress:
        environment.pip_install([torch_pin()], progress)
    with Progress("gptstore and its plugins") as progress:
        editable = [argument for folder in distributions() for argument in ("--editable", str(folder))]
        environment.pip_install(["--no-deps", "--no-build-isolation", *editable], progress)
    stamp.write(role)
    print(f"Ready after {time.monotonic() - began:.0f} s.", flush=True)


def distributions() -> list[Path]:
    return [ROOT / "gptstore" / "sdk", ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]


def count_pins(paths: list[Path]) -> int:
    """Return how many packages the files name, each once."""
    return len({line.split("==")[0] for path in paths for line in path.read_text().splitlines() if "==" in line})


def torch_pin() -> str:
    """Return PyTorch's pin without its hashes: each machine may take the build that suits it, such as that for CPUs."""
    return next(line.split()[0] for line in TORCH.read_text().splitlines() if line.startswith("torch=="))


def torch_hint() -> str:
    """Return a hint where PyPI's PyTorch carries CUDA, on Linux: without an NVIDIA GPU that download can be saved."""
    if sys.platform != "linux" or Path("/dev/nvidia0").exists():
        return ""
    return (
        "no NVIDIA GPU seen. If this downloads gigabytes, stop and take the small CPU build:\n"
        "  PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make demo"
    )


def shown(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
