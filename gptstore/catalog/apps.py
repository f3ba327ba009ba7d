from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from gptstore.catalog.sizes import max_body_bytes


class CatalogConfig(AppConfig):
    name = "gptstore.catalog"
    verbose_name = _("Catalog")

    async def max_body_bytes(self, path: str, usual: int) -> int:
        """Return the most bytes that a request to this path needs, for the bound on bodies."""
        return await max_body_bytes(path, usual)
