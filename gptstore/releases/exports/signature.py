"""`signature.json` of an export: which store vouches for it. Ed25519 of a purpose, the time and all checksums."""

import base64
import binascii
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gptstore.releases.errors import ReleaseError
from gptstore.sdk.bundle.format import SIGNATURE
from gptstore.sdk.bundle.signature import Signature
from gptstore.sdk.bundle.signing_key import SigningKey

PURPOSE = "gptstore export 1"
"""No signature of a bundle or of a release is one of an export, nor the other way round."""


class ExportSignature(BaseModel):
    """The entry. key: the public key, and signature: both in base64. at: when it was signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    algorithm: Literal["ed25519"] = "ed25519"
    key: Annotated[str, Field(max_length=100)]
    at: AwareDatetime
    signature: Annotated[str, Field(max_length=200)]

    @property
    def fingerprint(self) -> str:
        return Signature(self.key).fingerprint


def sign(checksums: bytes, key: SigningKey, at: datetime) -> bytes:
    """Return the content of the entry."""
    signature = base64.b64encode(key.sign(message(checksums, at))).decode()
    return as_written(ExportSignature(key=key.public, at=at, signature=signature))


def as_written(signature: ExportSignature) -> bytes:
    """Return the one form of the entry: another one that means the same was changed by somebody."""
    plain = [base64.b64encode(base64.b64decode(text, validate=True)) for text in (signature.key, signature.signature)]
    if plain != [signature.key.encode(), signature.signature.encode()]:
        raise ValueError("it is Base64 in another form")
    return (signature.model_dump_json(indent=2) + "\n").encode()


def verify(content: bytes, checksums: bytes) -> ExportSignature:
    """Return the signature when it is one of these checksums, by whatever key. Raises ReleaseError."""
    try:
        read = ExportSignature.model_validate_json(content)
        if content != as_written(read):
            raise ValueError("it is JSON in another form")
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(read.key, validate=True))
        public.verify(base64.b64decode(read.signature, validate=True), message(checksums, read.at))
    except ValidationError:
        raise ReleaseError(f"{SIGNATURE} is no signature of an export. Get the file again.") from None
    except (InvalidSignature, ValueError, binascii.Error):
        raise ReleaseError(
            "Its signature does not fit it: somebody changed it after it was signed. Get the file again."
        ) from None
    return read


def message(checksums: bytes, at: datetime) -> bytes:
    return "\n".join([PURPOSE, at.isoformat(), sha256(checksums).hexdigest()]).encode()
