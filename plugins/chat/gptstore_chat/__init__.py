"""The chat. gptstore loads `tool`; the other modules serve it."""
