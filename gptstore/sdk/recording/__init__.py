"""What a tool takes and reaches while its examples run: for `gptstore check --record`.

`record_tool` runs in a process of its own and measures one tool; `record_project` starts it for each. `proposal` makes
limits of the measurements, `decorator` writes them into the source.
"""
