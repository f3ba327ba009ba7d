from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gptstore.catalog.errors import SyncFailed, UnknownTool
from gptstore.catalog.plugins import transfer
from gptstore.catalog.sync import sync_installed


class Command(BaseCommand):
    help = "Bring the catalogue up to date with the plugins that are installed in this environment."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--transfer",
            type=slug_and_plugin,
            metavar="SLUG=PLUGIN",
            action="append",
            default=[],
            help="hand a tool of another plugin over to this one, such as summarizer=acme-summarizer",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for slug, plugin in options["transfer"]:
                transfer(slug, plugin)
            synced = sync_installed()
        except (SyncFailed, UnknownTool) as failure:
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


def slug_and_plugin(text: str) -> tuple[str, str]:
    slug, _, plugin = text.partition("=")
    if not slug or not plugin:
        raise ArgumentTypeError(f"{text!r} is no SLUG=PLUGIN, such as summarizer=acme-summarizer")
    return slug, plugin
