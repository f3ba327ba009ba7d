"""`signature.json`: who vouches for a bundle. An Ed25519 signature (RFC 8032) of the bytes of `checksums.txt`."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import SIGNATURE
from gptstore.sdk.bundle.signing_key import SigningKey

KEY_BYTES, SIGNATURE_BYTES = 32, 64


def base64_text(text: str) -> str:
    base64.b64decode(text, validate=True)
    return text


class SignatureFile(BaseModel):
    """The entry. key: the public key, and signature: both in base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    algorithm: Literal["ed25519"] = "ed25519"
    key: Annotated[str, AfterValidator(base64_text)]
    signature: Annotated[str, AfterValidator(base64_text)]


@dataclass(frozen=True)
class Signature:
    """A signature that holds. key: the signer's public key in base64."""

    key: str

    @property
    def fingerprint(self) -> str:
        """Return what people compare: the first half of the key's SHA-256, in groups of four."""
        digits = sha256(base64.b64decode(self.key)).hexdigest()[:32]
        return " ".join(digits[begin : begin + 4] for begin in range(0, len(digits), 4))


def sign(checksums: bytes, key: SigningKey) -> bytes:
    """Return the content of the entry."""
    signature = base64.b64encode(key.sign(checksums)).decode()
    return (SignatureFile(key=key.public, signature=signature).model_dump_json(indent=2) + "\n").encode()


def verify(content: bytes, checksums: bytes) -> Signature:
    """Return the signature when it is one of these checksums. Raises BundleError."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        read = SignatureFile.model_validate_json(content)
        key, signature = base64.b64decode(read.key), base64.b64decode(read.signature)
    except (ValidationError, binascii.Error):
        raise BundleError(f"{SIGNATURE} is no Ed25519 signature.") from None
    if (len(key), len(signature)) != (KEY_BYTES, SIGNATURE_BYTES):
        raise BundleError(f"{SIGNATURE} has a key or a signature of a wrong length.")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, checksums)
    except (InvalidSignature, ValueError):
        raise BundleError(
            "Its signature is not one of its checksums: somebody changed it after it was signed."
        ) from None
    return Signature(read.key)
