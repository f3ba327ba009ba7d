"""Corrects the spelling of a text of any length. `tool` has the tool."""
