from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gptstore.catalog.errors import SyncFailed
from gptstore.catalog.sync import sync_installed


class Command(BaseCommand):
    help = "Bring the catalogue up to date with the plugins that are installed in this environment."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            synced = sync_installed()
        except SyncFailed as failure:
            raise CommandError(str(failure)) from None
        self.stdout.write(f"{len(synced.kept)} tools: {', '.join(synced.kept) or 'none'}")
        if synced.gone:
            self.stdout.write(f"no longer installed: {', '.join(synced.gone)}")
        if synced.held:
            self.stdout.write(
                f"of releases, left as they are: {', '.join(synced.held)}  "
                "(their folder is not seen here; GPTSTORE_RELEASES with an empty one withdraws them)"
            )
        for plugin, reason in synced.broken:
            self.stderr.write(self.style.WARNING(f"left out {plugin}: {reason}"))
