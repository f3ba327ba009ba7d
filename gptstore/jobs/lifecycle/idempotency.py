"""Makes one job for one idempotency key, however often its request comes (draft-ietf-httpapi-idempotency-key-header).

A key belongs to one owner and lives as long as its job. The database lets one request win; the others read its job.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.errors import IdempotencyConflict
from gptstore.jobs.lifecycle.submit import accept, enqueue
from gptstore.jobs.models import Job


def submit_once(
    owner: User,
    tool: Tool,
    data: Mapping[str, Any],
    key: str,
    cancel_after: timedelta | None = None,
    *,
    batch: bool = False,
    pinned: bool = False,
) -> tuple[Job, bool]:
    """Return the job of this key, and whether an earlier request made it (then this `cancel_after` does not count).

    Raises IdempotencyConflict when the key was used for another tool, version, input or priority, and what `submit`
    raises.
    """
    checked = accept(owner, tool, data)
    digest = digest_of(tool, checked, batch, pinned)
    if earlier := find_earlier(owner, key, digest):
        return earlier, True
    try:
        keys = {"idempotency_key": key, "request_digest": digest}
        return enqueue(owner, tool, checked, cancel_after, batch=batch, pinned=pinned, **keys), False
    except IntegrityError:
        if earlier := find_earlier(owner, key, digest):
            return earlier, True
        raise


def find_earlier(owner: User, key: str, digest: str) -> Job | None:
    earlier = Job.objects.owned_by(owner).filter(idempotency_key=key).first()
    if earlier is not None and earlier.request_digest != digest:
        raise IdempotencyConflict(key)
    return earlier


def digest_of(tool: Tool, checked: Mapping[str, Any], batch: bool, pinned: bool) -> str:
    """Return SHA-256 of the request. The order of names makes no difference, nor does a default that is given."""
    asked = [tool.slug, dict(checked), *(["batch"] if batch else []), *([tool.version] if pinned else [])]
    canonical = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
