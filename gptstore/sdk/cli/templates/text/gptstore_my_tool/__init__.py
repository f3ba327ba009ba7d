"""Rewrites a text in another style. `tool` has the tool."""
