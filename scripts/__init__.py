"""Upkeep of the repository: generated pages and pinned requirements. It is in no wheel."""
