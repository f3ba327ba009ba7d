"""Releases of plugins, each with a Python environment of its own, so that two may need two versions of one library.

`release` is a folder with wheels and their hashes, `build` makes its environment with uv, without a network and without
running anything of it; `deployed` is all that a worker finds, and `describe` asks the plugins for their manifests.
"""
