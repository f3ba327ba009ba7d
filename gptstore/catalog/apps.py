from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from gptstore.catalog.sizes import max_body_bytes


class CatalogConfig(AppConfig):
    name = "gptstore.catalog"
    verbose_name = _("Catalog")

    def ready(self) -> None:
        post_migrate.connect(keep_following_runs, sender=self)

    async def max_body_bytes(self, path: str, usual: int) -> int:
        """Return the most bytes that a request to this path needs, for the bound on bodies."""
        return await max_body_bytes(path, usual)


def keep_following_runs(using: str, **_options: Any) -> None:
    """Make the trigger of the search index again: SQLite drops it with the table that a migration writes anew."""
    from gptstore.catalog.search.full_text import full_text

    connection = connections[using]
    if "catalog_searchentry" in connection.introspection.table_names():
        full_text(connection).keep_following()
