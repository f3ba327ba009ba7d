"""Reads the manifests of plugins for the catalogue. Each describes itself in a process of its own, in the sandbox.

`manifests` starts these processes and checks their answers, `process` runs one of them within its time, and
`manifest_cache` keeps the answers of releases.
`python -m worker.hosts.describe` does it for the plugins of this environment, `python -m worker.hosts.releases` for
releases.
"""
