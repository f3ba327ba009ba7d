"""The admin's pages. Django looks for them here, since `gptstore.web` is an installed app."""

from gptstore.web.admin import accounts, bad_requests, catalog, jobs, login, tool_settings

__all__ = ["accounts", "bad_requests", "catalog", "jobs", "login", "tool_settings"]
