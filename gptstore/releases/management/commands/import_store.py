from django.core.management.base import CommandParser

from gptstore.releases.exports.commands import MAY_DEPLOY, MAY_REVIEW, ImportingCommand
from gptstore.releases.exports.format import ExportKind


class Command(ImportingCommand):
    help = (
        "Bring the releases of another store into this one, deploy those that are live there, and choose for their "
        "tools what was chosen there. All of it is done or nothing; a second time changes nothing. Secrets are "
        "read from the variables that the file names."
    )
    examples = """\
  manage.py import_store acme.gptstore --by ada --dry-run       what would change, and what is missing
  SAY__API_KEY=… manage.py import_store acme.gptstore --by ada
  manage.py import_store acme.gptstore --by ada --plugin acme-tool"""
    kind = ExportKind.STORE
    needed = (MAY_REVIEW, MAY_DEPLOY)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--plugin",
            action="append",
            default=[],
            dest="plugins",
            metavar="NAME",
            help="only this plugin; give it again for more",
        )
        parser.add_argument(
            "--older", action="store_true", help="also if a newer export of the same store was imported"
        )
