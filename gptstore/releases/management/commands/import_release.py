from gptstore.releases.exports.commands import MAY_REVIEW, ImportingCommand
from gptstore.releases.exports.format import ExportKind


class Command(ImportingCommand):
    help = (
        "Bring a release from another store into this one. It is approved if a key in GPTSTORE_TRUSTED_KEYS signed it, "
        "and waits for its review otherwise. It is not deployed."
    )
    examples = """\
  manage.py import_release acme-tool-1.2.0.gptrelease --by ada --dry-run    what would change
  manage.py import_release acme-tool-1.2.0.gptrelease --by ada"""
    kind = ExportKind.RELEASE
    needed = (MAY_REVIEW,)
