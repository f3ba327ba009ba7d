"""The `gptstore` command: what authors build tools with, and what people run them with from a shell.

It needs `gptstore-sdk[cli]` and nothing of the store. Each command has a module of its own; `app` lists them.
"""
