"""The store's signature of an approved release: Ed25519 (RFC 8032) of its name, version, digest and time."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.utils import timezone

from gptstore.releases.errors import ReleaseError, UntrustedRelease
from gptstore.releases.models import Release
from gptstore.releases.trusted_keys import TrustedKeys
from gptstore.sdk.bundle.errors import SigningKeyError
from gptstore.sdk.bundle.signing_key import SigningKey

PURPOSE = "gptstore release 1"


def sign(release: Release) -> dict[str, str]:
    """Return the signature, as JSON. Raises ReleaseError when the store has no key."""
    try:
        key = store_key(settings.ENV.signing_key_file, settings.ENV.trusted_keys_file)
    except SigningKeyError as error:
        raise ReleaseError(f"The store cannot sign it: {error}") from None
    at = timezone.now().isoformat()
    signature = base64.b64encode(key.sign(message(release, at))).decode()
    return {"key": key.public, "at": at, "signature": signature}


def store_key(path: Path, trusted: Path) -> SigningKey:
    """Return the store's key. A new store makes one, and trusts it. Raises SigningKeyError."""
    if path.exists():
        return SigningKey.read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    key = SigningKey.create(path)
    if not trusted.exists():
        trusted.write_text(f"{key.public}  # the key of this store\n", encoding="utf-8")
    return key


def message(release: Release, at: str) -> bytes:
    return "\n".join([PURPOSE, release.plugin.name, release.version, release.sha256, at]).encode()


def verify(release: Release, trusted: TrustedKeys) -> None:
    """Check that a trusted key signed this release. Raises UntrustedRelease."""
    signature: Mapping[str, Any] = release.signature or {}
    try:
        key, at = str(signature["key"]), str(signature["at"])
        trusted.check(key, datetime.fromisoformat(at).date(), release.sha256)
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature["signature"], validate=True), message(release, at))
    except KeyError:
        raise UntrustedRelease("It is not signed.") from None
    except (InvalidSignature, ValueError, binascii.Error):
        raise UntrustedRelease("Its signature does not fit it.") from None
