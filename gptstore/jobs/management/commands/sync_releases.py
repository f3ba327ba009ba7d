import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gptstore.catalog.errors import SyncFailed
from gptstore.catalog.sync import sync_releases
from gptstore.jobs.release_states import wait_for


class Command(BaseCommand):
    help = "Bring the catalogue up to date with the releases, and wait until the workers have them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ready", action="append", default=[], metavar="KEY", help="a release that they are to run"
        )
        parser.add_argument("--gone", action="append", default=[], metavar="KEY", help="one that they are to retire")
        parser.add_argument("--seconds", type=float, default=60.0, help="how long to wait for them (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            synced = sync_releases()
        except SyncFailed as failure:
            raise CommandError(str(failure)) from None
        workers = wait_for(options["ready"], options["gone"], options["seconds"])
        result = {"tools": synced.kept, "gone": synced.gone, "broken": dict(synced.broken)}
        self.stdout.write(json.dumps({**result, "workers": [asdict(one) for one in workers]}))
