"""Writes an SQL query from a question. `tool` has the tool."""
