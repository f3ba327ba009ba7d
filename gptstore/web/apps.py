"""The pages as Django apps: their shared parts, and each family of pages with its templates and styles."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core.checks import CheckMessage, Tags, register


class WebConfig(AppConfig):
    name = "gptstore.web"
    default = True


class CatalogPages(AppConfig):
    name = "gptstore.web.catalog"
    label = "catalog_pages"


class RunPages(AppConfig):
    name = "gptstore.web.runs"
    label = "run_pages"


class PluginPages(AppConfig):
    name = "gptstore.web.plugins"
    label = "plugin_pages"


class AccountPages(AppConfig):
    name = "gptstore.web.account"
    label = "account_pages"


class AdminPages(AppConfig):
    name = "gptstore.web.admin"
    label = "admin_pages"


class DjangoAdmin(SimpleAdminConfig):
    """Django's admin. Its pages are loaded with the site's addresses: workers and commands do without them."""

    def ready(self) -> None:
        register(check_dependencies, Tags.admin)
        register(check_admin_pages, Tags.admin)


def check_admin_pages(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Check the pages of the admin, which are loaded for that."""
    autodiscover()
    return check_admin_app(app_configs, **options)
