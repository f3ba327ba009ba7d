"""The translator: `plugin` is what gptstore loads, `translate` is the tool, the rest serves it."""
