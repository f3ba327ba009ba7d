from typing import Any

from django.core.management.base import BaseCommand

from gptstore.catalog.index.index import rebuild
from gptstore.catalog.models import Tool


class Command(BaseCommand):
    help = "Write the search index of all tools anew. The site can go on meanwhile, and so can searches."

    def handle(self, *args: Any, **options: Any) -> None:
        total = Tool.objects.count()
        for done in rebuild(Tool):
            self.stderr.write(f"\r{done} of {total} tools", ending="")
            self.stderr.flush()
        self.stderr.write("")
        self.stdout.write(f"{total} tools are in the index of search.")
