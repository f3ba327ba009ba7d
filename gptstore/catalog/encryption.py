"""Encrypts what must not be read in the database or in its backups, with a key made from the site's secret key."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes

PURPOSE = b"gptstore: settings of tools"


def encrypt(text: str) -> str:
    """Return the text encrypted and signed (Fernet: AES-128-CBC and HMAC-SHA256)."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str | None:
    """Return the text; None when it was encrypted with another key, or was changed."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def _fernet() -> MultiFernet:
    """Return what encrypts with the present secret key, and also reads what earlier ones have encrypted."""
    keys = [force_bytes(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    # A secret key is long and random, so that no slow hash is needed to make a key of it.
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(PURPOSE + b"\0" + key).digest())) for key in keys])
