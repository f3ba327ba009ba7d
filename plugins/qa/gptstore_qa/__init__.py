"""The question answerer: `tool` is what gptstore loads, the rest serves it."""
