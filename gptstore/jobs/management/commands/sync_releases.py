import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gptstore.catalog.errors import SyncFailed
from gptstore.catalog.sync import sync_releases
from gptstore.jobs.release_states import running, wait_for

NO_REQUEST = "It reads a request of `gptstore install`, as JSON. To bring the catalogue up to date by hand: sync_tools."


class Command(BaseCommand):
    help = "Bring the catalogue up to date with the releases, and wait until the workers have them."
    requires_system_checks = ()  # somebody waits for it, and they load all of the site

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer each line once all is loaded, until they end: `{"ready": [KEY], "gone": [KEY], "seconds": 60}`, or
        `{"running": [KEY]}`, which changes nothing.
        """
        for line in sys.stdin:
            try:
                answer = self.carry_out(json.loads(line))
            except (ValueError, KeyError, TypeError):
                raise CommandError(NO_REQUEST) from None
            self.stdout.write(json.dumps(answer))
            self.stdout.flush()

    def carry_out(self, request: dict[str, Any]) -> dict[str, Any]:
        if "running" in request:
            return {"workers": running(request["running"])}
        try:
            synced = sync_releases()
        except SyncFailed as failure:
            raise CommandError(str(failure)) from None
        workers = wait_for(request["ready"], request["gone"], request["seconds"])
        result = {"tools": synced.kept, "gone": synced.gone, "broken": dict(synced.broken)}
        return {**result, "workers": [asdict(one) for one in workers]}
