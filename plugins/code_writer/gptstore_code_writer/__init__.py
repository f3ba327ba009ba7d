"""The code writer. gptstore loads `tool`; the other modules serve it."""
