"""Reads an event from an announcement. `tool` has the tool."""
