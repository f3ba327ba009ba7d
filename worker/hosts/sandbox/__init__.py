"""Runs plugins' code apart from the worker: a warm host process for each plugin, and in it a forked child for each job.

`sandbox` is the `ToolHost`, `keeper` keeps one plugin's host alive, `session` is one job's side here. `launch` starts
a host with as few rights as `rules` say, by way of `landlock`, `seccomp` and the kernel's limits; `level` says what of
this the machine has. The other half, which runs in the plugin's own environment, is `gptstore.sdk.host`.
"""
