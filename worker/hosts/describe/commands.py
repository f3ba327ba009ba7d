"""What the commands that print manifests have in common: their options, and what they print."""

import json
import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Mapping

from gptstore.sdk.limits import MEGA
from worker.hosts.describe.manifests import Terms, read_manifests
from worker.hosts.sandbox.environment import PythonEnvironment
from worker.hosts.sandbox.isolation_level import LEVELS
from worker.hosts.sandbox.processes import adopt_orphans, kill_children


def add_options(parser: ArgumentParser, lowest: str) -> None:
    parser.add_argument("--lowest", choices=LEVELS, default=lowest, help="level of the sandbox (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10, help="the time to import one plugin (%(default)s)")
    parser.add_argument("--memory-mb", type=int, default=1000, help="its memory (%(default)s)")
    parser.add_argument("--sandbox", action=BooleanOptionalAction, default=True, help="whether it is confined")


def print_manifests(
    environments: Mapping[str, PythonEnvironment], options: Namespace, broken: Mapping[str, str] | None = None
) -> None:
    """Print what these plugins offer, and why others offer nothing. This process has no other children."""
    if sys.platform == "linux":
        adopt_orphans()
    terms = Terms(options.seconds, options.memory_mb * MEGA, options.lowest, options.sandbox)
    described = read_manifests(environments, terms)
    kill_children()
    described["broken"][:0] = [{"plugin": name, "error": reason} for name, reason in (broken or {}).items()]
    sys.stdout.write(json.dumps(described, ensure_ascii=False, indent=2) + "\n")
