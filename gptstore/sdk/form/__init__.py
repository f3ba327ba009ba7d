"""The form of a tool, made from its input schema: the store's pages and the page of `gptstore dev` stand on it."""
