"""A worker's sandbox for `gptstore dev`, where a worker's packages are installed, on Linux.

The SDK knows no worker: a process of the worker's says once how to start a tool, and this follows it for every run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from gptstore.sdk.project.project import Project

MODULE = "worker.process.dev_sandbox"
CHILD = "gptstore.sdk.dev.child"
_SECONDS = 60


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


class DevSandbox:
    """The sandbox of one command. reason: why there is none. scratch: the folder in which each run has its own.

    is_wanted: whether the author does not do without.
    """

    def __init__(self, project: Project, *, is_wanted: bool = True) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gptstore-dev-", ignore_cleanup_errors=True)
        self.scratch = os.path.realpath(self._folder.name)
        self.plan: SandboxPlan | None = None
        self.reason = self._open(project) if is_wanted else ", as you wish"

    def close(self) -> None:
        self._folder.cleanup()

    @property
    def sentence(self) -> str:
        """Return what a person should know of the rights that the tool has here."""
        if self.plan is None:
            return f"The tool runs with your own rights here, not in a worker's sandbox{self.reason}."
        lacking = f" It lacks {'; '.join(self.plan.missing)}." if self.plan.missing else ""
        return f"The tool runs in a worker's sandbox ({self.plan.level}).{lacking}"

    def start(self, folder: str, arguments: list[str], descriptor: int) -> subprocess.Popen[bytes]:
        """Start the process of a tool. folder: its own, below scratch. The process ends with the calling thread."""
        assert self.plan is not None
        command = [*self.plan.launch, str(os.getpid()), folder, *self.plan.command]
        return subprocess.Popen(
            [*command, *arguments, self.plan.seal, self.plan.network_seal],
            cwd=self.plan.folder,
            env=self.plan.variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[descriptor],
            start_new_session=True,
        )

    def _open(self, project: Project) -> str:
        """Ask the worker's packages for the plan. Return why there is none, as the end of a sentence; or ""."""
        if sys.platform != "linux":
            return ", which is there on Linux only"
        if find_spec("worker") is None:
            return ": a worker's packages are not installed here"
        command = [sys.executable, "-m", MODULE, str(project.folder), self.scratch]
        try:
            done = subprocess.run(
                command, cwd=Path("/"), stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=True
            )
            plan = SandboxPlan.model_validate_json(done.stdout)
        except (OSError, subprocess.SubprocessError, ValidationError) as error:
            said = getattr(error, "stderr", b"") or b""
            last = said.decode(errors="replace").strip().rpartition("\n")[2]
            return f": it can't be set up ({last or type(error).__name__})"
        if plan.level == "none":
            return f": this machine lacks {'; '.join(plan.missing)}"
        self.plan = plan
        return ""
