"""The host of a plugin's code: a fork server that imports the plugin once and forks a child for each job.

`messages` and `control` define the messages to and from the worker, `channel` carries them, `fork_server` waits and
forks; `job` runs in the child, with `port` (its end of the channel) and `context` (its tool's). It needs nothing but
what the SDK needs, and it trusts the plugin no more than the worker does: every guarantee is enforced by the kernel,
or checked again on the worker's side.
"""
