"""The errors of rendering. None reaches a reader, who sees the text as it is."""

from __future__ import annotations


class OverBudget(Exception):
    """Raised inside a rendering that has used up its processor time. A retry would too."""


class RenderFailed(Exception):
    """Raised when the process that renders died of a text, or did not answer in time. A retry may well do so again."""


class RenderBusy(Exception):
    """Raised when the process that renders is busy with the texts of others. A retry can help."""
