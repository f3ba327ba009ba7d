"""`gptstore`, or `python -m gptstore.sdk.cli`."""

from __future__ import annotations

import sys
from importlib.util import find_spec

NEEDED = (
    "typer",
    "rich",
    "httpx",
    "httpx_sse",
    "keyring",
    "packaging",
    "platformdirs",
    "cryptography",
    "uv",
    "confusable_homoglyphs",
    "watchfiles",
)


def main() -> None:
    """Run the command of `sys.argv`, and end the process with its status."""
    if any(find_spec(name) is None for name in NEEDED):
        sys.exit("The gptstore command needs a few more packages:  pip install 'gptstore-sdk[cli]'")
    from gptstore.sdk.cli.app import run
    from gptstore.sdk.cli.console import use_utf8

    use_utf8()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
