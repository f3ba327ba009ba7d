"""Runs inside Django, in a process of its own: database, static files, catalogue, admin user and API key.

Standard input takes the earlier demo.json. Standard output gives one JSON line a step, {"step": title}, and at
the end {"account": {username, password, api_key}, "note": …}.
"""

import argparse
import hashlib
import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import django

USERNAME = "admin"


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m gptstore.demo.seed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    kept = json.load(sys.stdin)
    output = sys.stdout
    with redirect_stdout(sys.stderr):
        for message in prepare(kept):
            print(json.dumps(message), file=output, flush=True)


def prepare(kept: dict[str, str]) -> Iterator[dict[str, Any]]:
    yield {"step": "database"}
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    forget_workers()
    yield {"step": "static files"}
    collect_static_files()
    yield {"step": "catalogue"}
    call_command("sync_tools")
    yield {"step": "admin user"}
    yield {"account": make_account(kept), "note": count_tools()}


def collect_static_files() -> None:
    """Collect static files only when one of them changed: hashing and compressing them all takes seconds."""
    from django.conf import settings
    from django.core.management import call_command

    root = Path(settings.STATIC_ROOT)
    collected = root.with_name(f"{root.name}.digest")
    sources = digest_sources()
    if root.is_dir() and collected.exists() and collected.read_text() == sources:
        return
    collected.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    collected.write_text(sources)


def digest_sources() -> str:
    from django.contrib.staticfiles.finders import get_finders

    total = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            about = Path(storage.path(name)).stat()
            total.update(f"{name}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return total.hexdigest()


def forget_workers() -> None:
    """Delete all workers. None of this database lives now: one that was killed would seem alive for some seconds."""
    from gptstore.jobs.models import Worker

    Worker.objects.all().delete()


def make_account(kept: dict[str, str]) -> dict[str, str]:
    """Make the admin, with the earlier password and key where they still hold."""
    from gptstore.accounts.keys import authenticate, create_key
    from gptstore.accounts.models import User

    user, _ = User.objects.get_or_create(username=kept["username"] or USERNAME)
    password = kept["password"]
    if not password or not user.check_password(password):
        password = secrets.token_urlsafe(12)
        user.set_password(password)
    user.is_active = user.is_staff = user.is_superuser = True
    user.save()
    api_key = kept["api_key"]
    if not api_key or authenticate(api_key) != user:
        api_key = create_key(user, "make demo")[1]
    return {"username": user.username, "password": password, "api_key": api_key}


def count_tools() -> str:
    from gptstore.catalog.models import BrokenPlugin, Tool

    tools, broken = Tool.objects.listed().count(), [*BrokenPlugin.objects.values_list("name", flat=True)]
    return f"{tools} tools" + (f", left out: {', '.join(broken)}" if broken else "")


if __name__ == "__main__":
    main()
