"""A bundle: one file `my-tool-1.2.0.gptx` with everything that a store needs to run a plugin.

`format` says what is in it; `entry` and `archive` hold its one form of a ZIP archive. `writer` writes it, and `bundle`
opens one that somebody uploaded: nothing is unpacked before everything is verified. docs/bundles.md has the reasons.
"""
