"""The folder in which somebody writes a plugin: its pyproject.toml, and its code, loaded without installing it.

`reading.read_project` reads the folder and runs nothing. `load.load_project` imports the plugin into this process, and
belongs into one of its own: `describe.describe_project` starts it, with a time limit, and returns what it found.
"""
