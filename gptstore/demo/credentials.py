"""The demo's secrets: Django's key, and `demo.json` with the admin's sign-in. Readable by their owner alone."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from gptstore.demo.paths import Place


@dataclass(frozen=True)
class Summary:
    """The content of `demo.json`. Empty strings and no pids until the demo is ready."""

    url: str = ""
    username: str = ""
    password: str = ""
    api_key: str = ""
    pids: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, place: Place) -> Self:
        """What an earlier start left; all empty when there was none, or when the file is damaged."""
        try:
            kept = json.loads(place.summary.read_text())
            return cls(**{name: kept[name] for name in ("url", "username", "password", "api_key", "pids")})
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def write(self, place: Place) -> None:
        write_private(place.summary, json.dumps(asdict(self), indent=2) + "\n")

    def stopped(self) -> Self:
        return replace(self, pids={})


def secret_key(place: Place) -> str:
    """Made at the first start; sessions outlive a restart."""
    if not place.secret_key.exists():
        write_private(place.secret_key, secrets.token_urlsafe(50))
    return place.secret_key.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Writes all or nothing, with mode 0600 from the first byte on."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
