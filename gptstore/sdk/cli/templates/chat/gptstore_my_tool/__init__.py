"""Answers questions about the night sky. `tool` has the tool."""
