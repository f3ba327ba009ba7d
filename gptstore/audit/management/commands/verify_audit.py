from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gptstore.audit.chain import verify
from gptstore.audit.errors import BrokenChain


class Command(BaseCommand):
    help = "Check that nobody altered the audit log, and print its last hash. Keep that outside of the database."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            number, last = verify()
        except BrokenChain as broken:
            raise CommandError(str(broken)) from None
        self.stdout.write(f"{number} events, the last one has the hash {last}")
