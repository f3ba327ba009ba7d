"""Runs plugins' code apart from the worker: a warm host process for each plugin, and in it a forked child for each job.

`sandbox` is the `ToolHost`, `supervisor` keeps one plugin's host alive, `session` is one job's side here. `launch`
starts a host with the few rights of its `policy`, by `landlock`, `seccomp` and the kernel's limits; `isolation_level`
finds out which of these the machine has. `seccomp` makes the list of `syscall_rules` a program for the kernel. The
other half, which runs in the plugin's own environment, is `gptstore.sdk.host`.
"""
