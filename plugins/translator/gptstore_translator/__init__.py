"""The translator: `tool` is what gptstore loads, the rest serves it."""
