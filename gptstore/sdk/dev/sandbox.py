"""A worker's sandbox for `gptstore dev`, where a worker's packages are installed, on Linux.

The SDK knows no worker: a process of the worker's says once how to start a tool, and this follows it for every run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from gptstore.sdk.translation import ENGLISH, Translation, gettext_noop

MODULE = "worker.process.dev_sandbox"
CHILD = "gptstore.sdk.dev.child"
_SECONDS = 60

INSIDE = gettext_noop("The tool runs in a worker's sandbox (full).")
IN_PARTS = gettext_noop("The tool runs in a worker's sandbox (reduced). It lacks %(missing)s.")
AS_YOU_WISH = gettext_noop("The tool runs with your own rights here, not in a worker's sandbox, as you wish.")
LINUX_ONLY = gettext_noop(
    "The tool runs with your own rights here, not in a worker's sandbox, which is there on Linux only."
)
NO_WORKER = gettext_noop(
    "The tool runs with your own rights here, not in a worker's sandbox: a worker's packages are not installed here."
)
NO_SETUP = gettext_noop(
    "The tool runs with your own rights here, not in a worker's sandbox: it can't be set up (%(problem)s)."
)
LACKING = gettext_noop(
    "The tool runs with your own rights here, not in a worker's sandbox: this machine lacks %(missing)s."
)


class SandboxPlan(BaseModel):
    """How a tool's process is started. launch: the command that drops rights, but for its last arguments.

    command: the one that it runs then. folder, variables: where and with which environment it starts. seal,
    network_seal: seccomp programs that the process installs before it runs a tool, the second for one that declares
    `network=True`. level: as a worker names it; missing: what the machine lacks for a better one.
    """

    level: Literal["none", "reduced", "full"]
    missing: list[str] = []
    launch: list[str]
    command: list[str]
    folder: str
    variables: dict[str, str]
    seal: str = ""
    network_seal: str = ""


@dataclass(frozen=True)
class Rights:
    """What a person should know of the rights that a tool has here. values: what stands in the sentence."""

    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)

    def describe(self, words: Translation = ENGLISH) -> str:
        """Return the sentence in a reader's language."""
        return words.gettext(self.sentence) % self.values


class DevSandbox:
    """The sandbox of one command. rights: what the tool may do. scratch: the folder in which each run has its own.

    project: the plugin's folder. is_wanted: whether the author does not do without.
    """

    def __init__(self, project: Path, *, is_wanted: bool = True) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gptstore-dev-", ignore_cleanup_errors=True)
        self.scratch = os.path.realpath(self._folder.name)
        self.plan: SandboxPlan | None = None
        self.rights = self._open(project) if is_wanted else Rights(AS_YOU_WISH)

    def close(self) -> None:
        self._folder.cleanup()

    def start(self, folder: str, descriptor: int) -> subprocess.Popen[bytes]:
        """Start the process of a tool. folder: its own, below scratch. The process ends with the calling thread."""
        assert self.plan is not None
        command = [*self.plan.launch, str(os.getpid()), folder, *self.plan.command]
        return subprocess.Popen(
            [*command, str(descriptor), self.plan.seal, self.plan.network_seal],
            cwd=self.plan.folder,
            env=self.plan.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[descriptor],
            start_new_session=True,
        )

    def _open(self, project: Path) -> Rights:
        """Ask the worker's packages for the plan. Return what the tool may do, and why where there is no plan."""
        if sys.platform != "linux":
            return Rights(LINUX_ONLY)
        if find_spec("worker") is None:
            return Rights(NO_WORKER)
        command = [sys.executable, "-m", MODULE, str(project.resolve()), self.scratch]
        try:
            done = subprocess.run(
                command, cwd=Path("/"), stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=True
            )
            plan = SandboxPlan.model_validate_json(done.stdout)
        except (OSError, subprocess.SubprocessError, ValidationError) as error:
            said = getattr(error, "stderr", b"") or b""
            last = said.decode(errors="replace").strip().rpartition("\n")[2]
            return Rights(NO_SETUP, {"problem": last or type(error).__name__})
        missing = "; ".join(plan.missing)
        if plan.level == "none":
            return Rights(LACKING, {"missing": missing})
        self.plan = plan
        return Rights(IN_PARTS, {"missing": missing}) if plan.level == "reduced" else Rights(INSIDE)
