"""The demo's secrets: Django's key, and `demo.json` with the admin's sign-in. Readable by their owner alone."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from gptstore.demo.paths import Paths


@dataclass(frozen=True)
class Summary:
    """The content of `demo.json`. Empty strings and no pids until the demo is ready.

    releases: the folder of releases. root, manage: where and how to run a command of Django with the demo's settings.
    """

    url: str = ""
    username: str = ""
    password: str = ""
    api_key: str = ""
    pids: dict[str, int] = field(default_factory=dict)
    releases: str = ""
    root: str = ""
    manage: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, paths: Paths) -> Self:
        """Return what an earlier start left; all empty when there was none, or when the file is damaged."""
        try:
            kept = json.loads(paths.summary.read_text())
            return cls(**{name: kept[name] for name in ("url", "username", "password", "api_key", "pids")})
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def write(self, paths: Paths) -> None:
        write_private(paths.summary, json.dumps(asdict(self), indent=2) + "\n")

    def stopped(self) -> Self:
        return replace(self, pids={})


def secret_key(paths: Paths) -> str:
    """Return Django's key. It is made at the first start, so that sessions outlive a restart."""
    if not paths.secret_key.exists():
        write_private(paths.secret_key, secrets.token_urlsafe(50))
    return paths.secret_key.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write all or nothing, with mode 0600 from the first byte on."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
