"""The pages as Django apps: their shared parts, and each family of pages with its templates and styles."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "gptstore.web"
    default = True


class CatalogPages(AppConfig):
    name = "gptstore.web.catalog"
    label = "catalog_pages"


class RunPages(AppConfig):
    name = "gptstore.web.runs"
    label = "run_pages"


class AccountPages(AppConfig):
    name = "gptstore.web.account"
    label = "account_pages"


class AdminPages(AppConfig):
    name = "gptstore.web.admin"
    label = "admin_pages"
