"""Where a plugin's code runs: a warm process that imports the plugin once and forks a child for each job.

`messages` is what the child and the worker say to each other, `channel` how it gets across, `warm` the process that
waits and forks, `job` the child, `port` its end of the channel and `context` what its tool gets. It needs nothing but
pluggy and pydantic, and it trusts the plugin no more than the worker does: all that has to hold is enforced by the
kernel, or checked again on the worker's side.
"""
