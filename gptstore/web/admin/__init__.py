"""The admin's pages. Django looks for them here, since `gptstore.web` is an installed app."""

from gptstore.web.admin import accounts, catalog, jobs, login

__all__ = ["accounts", "catalog", "jobs", "login"]
