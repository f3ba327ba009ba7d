from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gptstore.releases.errors import ReleaseError
from gptstore.releases.store_file import StoreFile
from gptstore.releases.store_plan import carry_out, plan


class Command(BaseCommand):
    help = "Bring the store to what a store.toml says: which releases are live, which tools people see, and settings."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the store.toml")
        parser.add_argument("--dry-run", action="store_true", help="only print what would change")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changes = plan(StoreFile.read(options["file"]))
            for change in changes:
                self.stdout.write(change.text)
            if not changes:
                self.stdout.write("Nothing to change.")
            elif not options["dry_run"]:
                carry_out(changes)
        except ReleaseError as error:
            raise CommandError(str(error)) from None
