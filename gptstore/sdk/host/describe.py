"""`python -m gptstore.sdk.host.describe PLUGIN`: prints the manifest of one plugin, as JSON, for the catalogue.

The store runs it for each plugin in a process of its own, so that none stops another, and none is ever imported into
the web server.
"""

from __future__ import annotations

import argparse
from functools import partial

from gptstore.sdk.describe import describe, print_description
from gptstore.sdk.host import seal


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m gptstore.sdk.host.describe", description="Print what one installed plugin offers, as JSON."
    )
    parser.add_argument("plugin", help="the name of the plugin's package, such as gptstore-summarizer")
    parser.add_argument("--seal", default="", help="a seccomp program in hexadecimal digits, to install beforehand")
    options = parser.parse_args()
    if options.seal:
        seal.restrict_calls(bytes.fromhex(options.seal))
    print_description(partial(describe, names=[options.plugin]))


if __name__ == "__main__":
    main()
