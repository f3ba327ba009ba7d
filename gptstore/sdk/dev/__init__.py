"""Runs a tool from its project's folder, without installing it, and records what it asks of the model.

`tool_process.ToolProcess` imports the plugin in a process of its own; `tool_run.ToolRun` runs one of its tools there,
over the messages of `gptstore.sdk.host.messages`, and yields events like those of a store. Nothing here prints.
"""
