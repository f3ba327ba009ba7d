"""Ids of jobs: UUIDs of version 7 (RFC 9562 §5.7), which sort by their time of creation."""

import secrets
import time
from datetime import datetime
from uuid import UUID


def uuid7() -> UUID:
    """Make an id: 48 bits of Unix milliseconds, 12 of their fraction (RFC 9562 §6.2, method 3), then random bits."""
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = nanoseconds * 4096 // 1_000_000
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62))


def first_id(moment: datetime) -> UUID:
    """Return what stands before all ids of a time, and behind all earlier ones."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)
