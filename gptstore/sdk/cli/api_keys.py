"""Keeps API keys: in the system's keyring, or in a file where somebody asks for that.

A key is in no error, no log and no argument of a process.
"""

from __future__ import annotations

import os
from pathlib import Path

from gptstore.sdk.cli.errors import CommandError, UsageError
from gptstore.sdk.cli.private_file import config_folder, read_json, write_json
from gptstore.sdk.cli.servers import Server

SERVICE = "gptstore"
VARIABLE = "GPTSTORE_API_KEY"
KEYRING, FILE = "keyring", "file"


def check_key(text: str) -> str:
    """Return a key as it can be sent. Raises UsageError."""
    key = text.strip()
    if not key:
        raise UsageError("There is no key. Make one on your account page in the store, and paste it.")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError("This is no key: a key is one word of letters, digits and signs. Paste it as a whole.")
    return key


def find_key(server: Server) -> str | None:
    """Return the key for a store: the one of the environment, or else the one that is kept. Raises CommandError."""
    if given := os.environ.get(VARIABLE):
        return check_key(given)
    if server.storage == FILE:
        key = read_json(key_file()).get(server.url)
        return key if isinstance(key, str) else None
    return _read_keyring(server.url)


def keep_in_keyring(server: Server, key: str) -> str:
    """Keep a key in the system's keyring, and return the keyring's name. Raises CommandError when there is none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, server.url, key)
        kept = keyring.get_password(SERVICE, server.url)
    except (KeyringError, OSError, RuntimeError) as error:
        raise CommandError(_no_keyring(type(error).__name__)) from None
    if kept != key:
        raise CommandError(_no_keyring("it keeps nothing"))
    return keyring.get_keyring().name


def keep_in_file(server: Server, key: str) -> Path:
    """Keep a key in a file that only its owner can read, and return the file."""
    write_json(key_file(), {**read_json(key_file()), server.url: key})
    return key_file()


def forget_key(server: Server) -> None:
    """Delete a key. Raises CommandError when the keyring refuses."""
    if server.storage == FILE:
        keys = read_json(key_file())
        keys.pop(server.url, None)
        write_json(key_file(), keys)
        return
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        keyring.delete_password(SERVICE, server.url)
    except PasswordDeleteError:
        return  # it is not there
    except (KeyringError, OSError, RuntimeError) as error:
        raise CommandError(f"The system's keyring does not answer ({type(error).__name__}); unlock it first.") from None


def key_file() -> Path:
    return config_folder() / "keys.json"


def _read_keyring(url: str) -> str | None:
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        return keyring.get_password(SERVICE, url)
    except NoKeyringError:
        return None
    except (KeyringError, OSError, RuntimeError) as error:
        raise CommandError(
            f"The system's keyring does not answer ({type(error).__name__}). Unlock it, or set {VARIABLE}."
        ) from None


def _no_keyring(reason: str) -> str:
    return (
        f"This machine has no keyring that keeps a key ({reason}). Set {VARIABLE} for each call, or log in with "
        "--insecure-storage, which keeps the key in a file that only you can read."
    )
