"""The code writer: `plugin` is what gptstore loads, `write_code` is the tool, the rest serves it."""
