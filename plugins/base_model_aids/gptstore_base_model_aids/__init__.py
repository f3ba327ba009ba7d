"""Checks and helps the answers of a weak base model. A library for tools, which offers no tool itself."""
