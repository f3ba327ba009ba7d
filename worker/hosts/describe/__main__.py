"""`python -m worker.hosts.describe`: prints what the plugins of this environment offer, as JSON."""

import argparse

from gptstore.sdk.plugins import installed_names
from worker.hosts.describe.commands import add_options, print_manifests
from worker.hosts.sandbox.environment import own_environment


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m worker.hosts.describe",
        description="Print what the installed plugins offer, as JSON. Each is imported in a process of its own.",
    )
    add_options(parser, lowest="none")
    options = parser.parse_args()
    print_manifests(dict.fromkeys(installed_names(), own_environment()), options)


if __name__ == "__main__":
    main()
