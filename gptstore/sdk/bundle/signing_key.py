"""An author's key: the private part in a file of its own (PKCS #8, PEM), the public part beside it, in base64."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gptstore.sdk.bundle.errors import SigningKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PRIVATE_MODE = 0o600
MAX_BYTES = 10_000


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key."""

    private: Ed25519PrivateKey

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """Read a private key. Raises SigningKeyError."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            with path.open("rb") as file:
                key = load_pem_private_key(file.read(MAX_BYTES), password=None)
        except OSError as error:
            raise SigningKeyError(
                f"The key {path} cannot be read: {error.strerror}. `gptstore keys new` makes one."
            ) from None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise SigningKeyError(f"{path} is no private key. Give the file that `gptstore keys new` made.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise SigningKeyError(f"{path} is a key of another kind than Ed25519. `gptstore keys new` makes one.")
        return cls(key)

    @classmethod
    def create(cls, path: Path) -> SigningKey:
        """Make a key, and write it to `path` and to `path` with `.pub`. Raises SigningKeyError if one is there."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        key = cls(Ed25519PrivateKey.generate())
        public = path.with_name(f"{path.name}.pub")
        pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_new(path, pem, PRIVATE_MODE)
        write_new(public, f"{key.public}\n".encode(), 0o644)
        return key

    @property
    def public(self) -> str:
        """Return the public key, 32 bytes, in base64."""
        return base64.b64encode(self.private.public_key().public_bytes_raw()).decode()

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet, so that no key is ever lost. Raises SigningKeyError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    except FileExistsError:
        raise SigningKeyError(f"{path} is there already. Give another name, or move it away.") from None
    except OSError as error:
        raise SigningKeyError(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
