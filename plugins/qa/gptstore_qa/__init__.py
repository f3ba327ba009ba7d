"""The question answerer: `plugin` is what gptstore loads, `answer` is the tool, the rest serves it."""
