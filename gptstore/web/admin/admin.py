"""The admin's pages, in the module that Django looks for."""

from gptstore.web.admin import (
    accounts,
    bad_requests,
    catalog,
    dashboard,
    fleet,
    jobs,
    login,
    tool_settings,
)

__all__ = ["accounts", "bad_requests", "catalog", "dashboard", "fleet", "jobs", "login", "tool_settings"]
