"""The translator. gptstore loads `tool`; the other modules serve it."""
