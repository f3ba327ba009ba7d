"""`manage.py create_api_key USERNAME`: make an API key where nobody can click."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gptstore.accounts.api_key import NAME_LENGTH
from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User


class Command(BaseCommand):
    help = "Makes an API key for a user and prints it, and nothing else, on standard output. It can't be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="command line", help="what uses the key (default: %(default)s)")
        parser.add_argument("--submits", action="store_true", help="let it submit releases of plugins, too")

    def handle(self, *, username: str, name: str, submits: bool, **options: object) -> None:
        if not 0 < len(name.strip()) <= NAME_LENGTH:
            raise CommandError(f"The name must have 1 to {NAME_LENGTH} characters.")
        owner = User.objects.filter(username=username).first()
        if owner is None:
            raise CommandError(f"There is no user “{username}”.")
        if not owner.is_active:
            raise CommandError(f"The user “{username}” is not active.")
        _, secret = create_key(owner, name.strip(), submits=submits)
        self.stdout.write(secret)
