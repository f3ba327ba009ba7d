"""A store of its own, whose rows this process reads and writes as the site does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from harness.redis import redis_server
from harness.site import Site


@contextmanager
def open_store(folder: Path) -> Iterator[Site]:
    """Run a store within the context, without workers yet, and set Django up for it in this process."""
    folder.chmod(0o755)  # the user that runs plugins reads it
    with redis_server(folder) as redis, Site(folder, redis.url) as site:
        os.environ.update(site.environment)
        site.prepare()
        django.setup()
        yield site
