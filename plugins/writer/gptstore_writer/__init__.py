"""The writer. gptstore loads `tool`; `examples` serves it."""
