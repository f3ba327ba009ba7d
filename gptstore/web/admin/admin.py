"""The admin's pages, in the module that Django looks for."""

from gptstore.web.admin import (
    accounts,
    audit,
    bad_requests,
    catalog,
    categories,
    dashboard,
    fleet,
    jobs,
    login,
    plugins,
    releases,
    tool_settings,
)

__all__ = [
    "accounts",
    "audit",
    "bad_requests",
    "catalog",
    "categories",
    "dashboard",
    "fleet",
    "jobs",
    "login",
    "plugins",
    "releases",
    "tool_settings",
]
