"""The bundled demo model: how its data, tokenizer and weights are made. Nothing here runs in a worker."""
