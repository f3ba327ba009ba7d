"""`python -m worker.process.dev_sandbox FOLDER SCRATCH`: prints how `gptstore dev` starts a tool in the sandbox.

The answer is JSON, a `SandboxPlan`. FOLDER is the plugin's project, which the tool's process may read. SCRATCH is where
it may write.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from gptstore.sdk.dev.sandbox import CHILD, SandboxPlan
from worker.hosts.sandbox import seccomp
from worker.hosts.sandbox.environment import LAUNCH, ROOT, launcher_variables, own_environment
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.plugin_config import PluginConfig


def make_plan(project: str, scratch: str) -> SandboxPlan:
    """Return the plan, with the rights of a host that may use the network, which the seal takes from other tools."""
    own = own_environment()
    level = probe(own)
    environment = replace(own, readable=(*own.readable, project))
    policy = PluginConfig("dev", environment, level, network=True).policy(Path(scratch), user=None)
    seals = [seccomp.program(processes=False, network=network).hex() if level.seccomp else "" for network in (0, 1)]
    return SandboxPlan(
        level=level.name,
        missing=list(level.missing),
        launch=[*LAUNCH, policy.encode()],
        command=environment.command(CHILD),
        folder=str(ROOT),
        variables=launcher_variables(),
        seal=seals[0],
        network_seal=seals[1],
    )


def main() -> None:
    sys.stdout.write(json.dumps(make_plan(*sys.argv[1:]).model_dump()))


if __name__ == "__main__":
    main()
