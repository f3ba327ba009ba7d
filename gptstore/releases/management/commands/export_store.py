from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from gptstore.releases.exports.commands import ExportingCommand, find_account
from gptstore.releases.exports.exporter import export_store
from gptstore.releases.exports.format import ExportKind
from gptstore.releases.exports.progress import on_terminal


class Command(ExportingCommand):
    help = (
        "Write the releases that are live or to be live, and what admins chose for their tools, to one signed file. No "
        "people, runs, keys or secrets are in it."
    )
    examples = """\
  manage.py export_store                              to store.gptstore
  manage.py export_store --all --to /media/stick/acme.gptstore --by ada
  manage.py export_store --plugin acme-tool --plugin acme-weather"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", dest="every", help="all approved releases, not only live ones"
        )
        parser.add_argument(
            "--plugin",
            action="append",
            default=[],
            dest="plugins",
            metavar="NAME",
            help="only this plugin; give it again for more",
        )
        self.add_target(parser, "store.gptstore")

    def carry_out(self, **options: Any) -> None:
        by = find_account(options["by"], ()) if options["by"] else None
        path = self.check_target(options["to"] or Path(f"store{ExportKind.STORE.suffix}"), force=options["force"])
        chosen = {name: options[name] for name in ("plugins", "every")}
        releases = export_store(path, by, **chosen, progress=on_terminal)
        for release in releases:
            self.stdout.write(str(release))
        self.stdout.write(
            f"{path}: {len(releases)} release{'s' * (len(releases) != 1)}, {path.stat().st_size:,} bytes."
        )
