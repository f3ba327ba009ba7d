"""The summarizer. gptstore loads `tool`; the other modules serve it."""
