from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from gptstore.releases.exports.commands import ExportingCommand, find_account
from gptstore.releases.exports.exporter import export_release, find_release
from gptstore.releases.exports.format import ExportKind
from gptstore.releases.exports.progress import on_terminal


class Command(ExportingCommand):
    help = "Write an approved release to one signed file, with its wheels and its adapter, for another store."
    examples = """\
  manage.py export_release acme-tool                  what is live, to acme-tool-1.2.0.gptrelease
  manage.py export_release acme-tool 1.1.0 --to /media/stick/acme.gptrelease --by ada"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plugin", help="its name")
        parser.add_argument("version", nargs="?", default="", help="the version (default: the one that is live)")
        self.add_target(parser, "PLUGIN-VERSION.gptrelease")

    def carry_out(self, **options: Any) -> None:
        by = find_account(options["by"], ()) if options["by"] else None
        release = find_release(options["plugin"], options["version"])
        name = f"{release.plugin.name}-{release.version}{ExportKind.RELEASE.suffix}"
        path = self.check_target(options["to"] or Path(name), force=options["force"])
        export_release(release, path, by, on_terminal)
        self.stdout.write(f"{path}: {release}, {path.stat().st_size:,} bytes.")
