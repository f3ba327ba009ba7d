"""The question answerer. gptstore loads `tool`; the other modules serve it."""
