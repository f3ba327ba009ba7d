"""The page of `gptstore dev`: a tool in the browser, on the author's own machine, as a store shows it.

It needs the extra `cli`.
"""
