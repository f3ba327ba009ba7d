"""Gets the wheels of a bundle: the plugin's own, the SDK's, and those of all dependencies, locked for each platform.

`assemble` is the way from a folder to a bundle. Resolving, building and installing are uv's work; it runs as a program
and is found through its package, never by PATH.
"""
