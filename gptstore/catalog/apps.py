from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "gptstore.catalog"
    verbose_name = _("Catalog")

    def ready(self) -> None:
        post_migrate.connect(keep_following_runs, sender=self)


def keep_following_runs(using: str, **_options: Any) -> None:
    """Make the trigger of the search index again: SQLite drops it with the table that a migration writes anew."""
    from gptstore.catalog.index.full_text import full_text

    connection = connections[using]
    if "catalog_searchentry" in connection.introspection.table_names():
        full_text(connection).keep_following()
