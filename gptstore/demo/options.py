"""What a person can choose for the demo."""

import argparse
from dataclasses import dataclass

from gptstore.demo.paths import Place

EPILOG = """\
Everything is kept in the folder var/ (or GPTSTORE_VAR), so that a second start keeps accounts and runs.
var/demo.json (readable by you alone) holds url, username, password, api_key and the process ids.
Other settings, such as GPTSTORE_DEVICE, are taken from the environment: see docs/settings.md.

Ctrl-C or TERM stops everything and ends with status 0; a failed start ends with status 1.
"""


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    model: str
    place: Place


def parse_options(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m gptstore.demo",
        description="Runs the whole store on this machine: Redis, web server, one worker.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=port_number, default=8000, help="port; if taken, the next free one (8000)")
    parser.add_argument("--model", default="", help="Hugging Face hub id or folder (default: the bundled demo model)")
    given = parser.parse_args(arguments)
    return Options(given.host, given.port, given.model, Place.from_environment())


def port_number(text: str) -> int:
    if text.isdecimal() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 (any free one) to 65535")
