"""`python -m worker.hosts.releases.describe ENVIRONMENT`: prints what a release offers that is installed, as JSON."""

import argparse
from pathlib import Path

from worker.hosts.describe.commands import add_options, print_manifests
from worker.hosts.releases.deployed import find_plugins
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.sandbox.environment import released_environment


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m worker.hosts.releases.describe",
        description="Print what the plugins of a release offer, as JSON. Their code runs in the sandbox only.",
    )
    parser.add_argument("environment", type=Path, help="the environment of the release, as a worker has made it")
    add_options(parser, lowest="reduced")
    options = parser.parse_args()
    folder = options.environment.absolute()
    try:
        plugins = find_plugins(folder)
    except ReleaseError as error:
        print_manifests({}, options, {folder.name: str(error)})
    else:
        print_manifests(dict.fromkeys(plugins, released_environment(folder)), options)


if __name__ == "__main__":
    main()
