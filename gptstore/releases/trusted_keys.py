"""The keys whose signatures a store and its workers trust, in a text file (GPTSTORE_TRUSTED_KEYS).

One key a line, in base64 as `gptstore keys new` writes it, and maybe `not_after=2027-01-31`: the last day on which it
may have signed. A line `revoked X` takes back a key, or a bundle by its SHA-256. `#` begins a comment.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Self

from gptstore.releases.errors import UntrustedRelease

REVOKED, NOT_AFTER = "revoked", "not_after="


@dataclass(frozen=True)
class TrustedKeys:
    """The keys, with the last day of each, or None; and what was revoked."""

    keys: dict[str, date | None]
    revoked: frozenset[str] = field(default=frozenset())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file. Raises UntrustedRelease when it can't be read: then nothing is trusted."""
        keys: dict[str, date | None] = {}
        revoked = set()
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                match line.partition("#")[0].split():
                    case []:
                        pass
                    case ["revoked", what]:
                        revoked.add(what)
                    case [key]:
                        keys[key] = None
                    case [key, limit] if limit.startswith(NOT_AFTER):
                        keys[key] = date.fromisoformat(limit.removeprefix(NOT_AFTER))
                    case _:
                        raise ValueError(line)
        except OSError as error:
            raise UntrustedRelease(f"The trusted keys in {path} cannot be read: {error.strerror}.") from None
        except ValueError as error:
            raise UntrustedRelease(f"The trusted keys in {path} have a line that is no key: {error}.") from None
        return cls(keys, frozenset(revoked))

    def check(self, key: str, on: date, sha256: str) -> None:
        """Check that this key may have signed this bundle on that day. Raises UntrustedRelease."""
        if sha256 in self.revoked:
            raise UntrustedRelease("It was revoked.")
        if key in self.revoked:
            raise UntrustedRelease("The key that signed it was revoked.")
        if key not in self.keys:
            raise UntrustedRelease("It is signed by a key that is not trusted here (GPTSTORE_TRUSTED_KEYS).")
        last = self.keys[key]
        if last is not None and on > last:
            raise UntrustedRelease(f"It was signed on {on}, after the last day of its key, {last}.")
