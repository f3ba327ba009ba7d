"""`python -m worker.hosts.releases FOLDER PLACE`: prints what the releases in FOLDER offer, as JSON."""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from worker.hosts.describe.commands import add_options, print_manifests
from worker.hosts.releases.deployed import deploy


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m worker.hosts.releases",
        description="Build the environments of releases and print what their plugins offer, as JSON. "
        "Their code runs in the sandbox only.",
    )
    parser.add_argument("folder", type=Path, help="the releases, each a folder with requirements.txt and wheels")
    parser.add_argument("place", type=Path, help="where their environments are, or are to be")
    add_options(parser, lowest="reduced")
    options = parser.parse_args()
    if find_spec("uv") is None:
        sys.exit("uv, which makes the environments of releases, is not installed here. Do this where a worker is.")
    deployed = deploy(options.folder.absolute(), options.place.absolute())
    print_manifests(deployed.environments, options, deployed.broken)


if __name__ == "__main__":
    main()
