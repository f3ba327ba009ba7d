"""Makes API keys, checks them at each request, and revokes them."""

import hashlib
import secrets
import string
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from gptstore.accounts.api_key import ApiKey
from gptstore.accounts.models import User

PREFIX = "gs_"
ALPHABET = string.ascii_letters + string.digits
RANDOM_LENGTH = 40
VISIBLE_LENGTH = 8
USE_RESOLUTION = timedelta(minutes=1)


def create_key(owner: User, name: str, *, submits: bool = False) -> tuple[ApiKey, str]:
    """Make a key for `owner`. The returned secret, `gs_` and 40 characters, can't be read again later.

    submits: whether it may submit releases.
    """
    secret = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    key = ApiKey.objects.create(
        owner=owner, name=name, submits=submits, prefix=secret[:VISIBLE_LENGTH], digest=digest(secret)
    )
    return key, secret


def authenticate(secret: str) -> User | None:
    """Return the active owner of an active key, or None."""
    key = find_key(secret)
    return key.owner if key else None


def find_key(secret: str) -> ApiKey | None:
    """Return an active key of an active owner, or None. Note the use of the key, at most once a minute.

    Every secret, well formed or not, costs one hash and one look-up by the hash, so that the time taken says
    nothing about how near a guess was.
    """
    key = ApiKey.objects.active().select_related("owner").filter(digest=digest(secret)).first()
    if key is None or not key.owner.is_active:
        return None
    note_use(key)
    return key


def note_use(key: ApiKey) -> None:
    now = timezone.now()
    due = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_RESOLUTION)
    if key.last_used_at is None or key.last_used_at < now - USE_RESOLUTION:
        ApiKey.objects.filter(due, pk=key.pk).update(last_used_at=now)


def revoke(key: ApiKey) -> None:
    """Make the key useless from now on. A revoked key keeps the time of its first revocation."""
    ApiKey.objects.active().filter(pk=key.pk).update(revoked_at=timezone.now())
    key.refresh_from_db(fields=["revoked_at"])


def digest(secret: str) -> str:
    """Return SHA-256 in hex. The secret has 238 random bits, so a slow, salted hash would add nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
