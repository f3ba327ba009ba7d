"""`gptstore login`, `logout` and `servers`: which stores are known, and the keys for them."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from getpass import getpass
from typing import Annotated

import typer

from gptstore.sdk.cli.console import is_terminal, print_json, print_note
from gptstore.sdk.cli.errors import UsageError
from gptstore.sdk.cli.options import AllowHttp, Server
from gptstore.sdk.cli.servers import Servers, http_is_allowed, named_server
from gptstore.sdk.cli.store_address import read_address

InsecureStorage = Annotated[
    bool,
    typer.Option("--insecure-storage", help="Keep the key in a file that only you can read, instead of the keyring."),
]


def login(server: Server = None, allow_http: AllowHttp = False, insecure_storage: InsecureStorage = False) -> None:
    """Check an API key against a store, and keep it in the system's keyring.

    Make the key on your account page, /account/ in the store. The command asks for it, or reads it from stdin or
    GPTSTORE_API_KEY. The store that you logged in to last is the default one of all commands.

    Examples:

        gptstore login --server https://store.example.org

        gptstore login --server http://127.0.0.1:8000 < key.txt
    """
    from gptstore.sdk.cli import api_keys as keys
    from gptstore.sdk.cli.servers import Server as KnownServer
    from gptstore.sdk.cli.store_client import Store

    servers = Servers()
    address = server or named_server() or servers.default or ask_address()
    url = read_address(address, allow_http=allow_http or http_is_allowed())
    key = keys.check_key(os.environ.get(keys.VARIABLE) or ask_key(url))
    with Store(url, lambda: key) as store:
        store.check_key()
    known = KnownServer(url, keys.FILE if insecure_storage else keys.KEYRING, allow_http)
    place = f"the file {keys.keep_in_file(known, key)}" if insecure_storage else keys.keep_in_keyring(known, key)
    previous = servers.find(url)
    servers.add(known)
    if previous is not None and previous.storage != known.storage:
        keys.forget_key(previous)
    print_note(f"Logged in to {url}, which is the default now. The key is in {place}.")


def logout(server: Server = None) -> None:
    """Delete the key for a store from this machine.

    The key itself stays valid: revoke it on your account page when somebody else may have it.

    Examples:

        gptstore logout

        gptstore logout --server https://store.example.org
    """
    from gptstore.sdk.cli import api_keys as keys

    servers = Servers()
    chosen = servers.choose(server, allow_http=True)
    if servers.find(chosen.url) is None:
        raise UsageError(f"You are not logged in to {chosen.url}. See where:  gptstore servers")
    keys.forget_key(chosen)
    servers.remove(chosen)
    print_note(f"The key for {chosen.url} is deleted here. To revoke it:  {chosen.url}/account/")


def servers(
    default: Annotated[str | None, typer.Option("--default", metavar="URL", help="Make this one the default.")] = None,
) -> None:
    """List the stores that you are logged in to; the default one has a star.

    Examples:

        gptstore servers

        gptstore servers --default https://store.example.org
    """
    known = Servers()
    if default is not None:
        chosen = known.choose(default, allow_http=True)
        if known.find(chosen.url) is None:
            raise UsageError(f"You are not logged in to {chosen.url}. Log in:  gptstore login --server {chosen.url}")
        known.add(replace(chosen))
    for server in known:
        is_default = server.url == known.default
        if is_terminal():
            typer.echo(f"{'*' if is_default else ' '} {server.url}")
        else:
            print_json({"url": server.url, "default": is_default, "storage": server.storage})


def ask_address() -> str:
    """Ask the person for the address of a store. Raises UsageError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise UsageError("Which store? Give its address:  gptstore login --server URL")
    return str(typer.prompt("Address of the store", err=True))


def ask_key(url: str) -> str:
    """Ask the person for a key without showing it, or read it from a pipe.

    typer's prompt is seen before the terminal stops echoing, and what is typed in between is shown and lost.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return getpass(f"API key (from {url}/account/): ", stream=sys.stderr)
