"""The code writer: `tool` is what gptstore loads, the rest serves it."""
