"""The summarizer: `plugin` is what gptstore loads, `summarize` is the tool, the rest serves it."""
