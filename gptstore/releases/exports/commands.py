"""What the four commands that write and read exports have in common."""

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from gptstore.accounts.models import User
from gptstore.releases.errors import ReleaseError
from gptstore.releases.exports.format import ExportKind
from gptstore.releases.exports.importer import Request, import_file
from gptstore.releases.exports.progress import on_terminal

MAY_REVIEW, MAY_DEPLOY = "releases.review_release", "releases.deploy_release"


class HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Leaves the lines of the examples as they are."""


class ExportingCommand(BaseCommand):
    """A command with examples below its help. Errors are one line on standard error, and status 1."""

    examples = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        told = {"epilog": f"examples:\n{self.examples}", "formatter_class": HelpFormatter}
        return super().create_parser(prog_name, subcommand, **{**told, **kwargs})

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.carry_out(**options)
        except ReleaseError as error:
            raise CommandError(str(error)) from None

    def carry_out(self, **options: Any) -> None:
        """Do what the command is for. Raises ReleaseError."""
        raise NotImplementedError

    def add_target(self, parser: CommandParser, name: str) -> None:
        parser.add_argument("--to", type=Path, metavar="FILE", help=f"the file to write (default: {name})")
        parser.add_argument("--force", action="store_true", help="write over a file that is there")
        parser.add_argument("--by", metavar="USERNAME", help="who exports it: stands in the file, and in the audit log")

    def check_target(self, path: Path, *, force: bool) -> Path:
        if path.exists() and not force:
            raise ReleaseError(f"{path} is there already. Give another name with --to, or say --force.")
        if not path.absolute().parent.is_dir():
            raise ReleaseError(f"There is no folder {path.absolute().parent}.")
        return path


class ImportingCommand(ExportingCommand):
    """kind: what it imports. needed: the permissions of the account that it is done for."""

    kind: ExportKind
    needed: tuple[str, ...]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the export")
        parser.add_argument(
            "--by",
            metavar="USERNAME",
            required=True,
            help="who imports it: an account of staff who may review releases",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only print what would change: it is done and taken back"
        )

    def carry_out(self, **options: Any) -> None:
        by, path = find_account(options["by"], self.needed), options["file"]
        given = {name: options[name] for name in ("plugins", "older") if name in options}
        request = Request(by, path.name, self.kind, dry_run=options["dry_run"], progress=on_terminal, **given)
        report = import_file(path, request)
        for line in (report.title, *report.lines):
            self.stdout.write(line)
        if not report.changes:
            self.stdout.write("Nothing to change.")
        elif options["dry_run"]:
            self.stdout.write("Nothing was changed: this was a rehearsal.")


def find_account(name: str | None, needed: tuple[str, ...]) -> User:
    """Return the account. Raises ReleaseError when it may not do what is asked for."""
    user = User.objects.filter(username=name, is_active=True, is_staff=True).first()
    if user is None:
        raise ReleaseError(f"There is no active account of staff with the name {name}.")
    if missing := [permission for permission in needed if not user.has_perm(permission)]:
        raise ReleaseError(
            f"{name} lacks the permission {missing[0]}: give it in the admin, or name somebody who has it."
        )
    return user
