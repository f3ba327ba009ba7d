"""Everything that a store refuses of a plugin, one module a subject: for `gptstore check` and for the store itself.

`rules` lists what is checked. Each module finds problems of one kind, as `gptstore.sdk.problem.Problem`, and
`check_project` runs them all on the folder of a project.
"""
