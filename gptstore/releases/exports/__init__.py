"""Releases, and whole stores, as one signed file that is carried to another store, also to one without a network.

`format` says what is in the file, `writer` writes it and `export_file` opens one that may be hostile. `exporter` says
what goes into it; `importer` brings it into a store. The bundles in it are as their authors made them.
"""
