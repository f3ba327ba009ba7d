"""Draws the icon of a new project: the initial of the tool's title on a quiet colour that its name chooses."""

from __future__ import annotations

from hashlib import sha256
from xml.sax.saxutils import escape

from gptstore.sdk.graphemes import graphemes

COLORS = [
    ("#e7eef8", "#2c5282"),
    ("#e4f1ee", "#1f6357"),
    ("#edf1e2", "#4c6220"),
    ("#f6eede", "#7a5417"),
    ("#f8e9e4", "#8c4129"),
    ("#f7e8ee", "#8a3358"),
    ("#efe9f7", "#5b3f95"),
    ("#e8eaf6", "#3f4a9a"),
    ("#e5f0f4", "#235f78"),
    ("#eeeeec", "#52524a"),
]
"""Background and letter, each pair with a contrast of at least 5 to 1."""

_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <rect width="64" height="64" rx="12" fill="{background}"/>
  <text x="32" y="32" dy=".36em" text-anchor="middle" font-family="system-ui, sans-serif" font-size="34" \
font-weight="600" fill="{ink}">{initial}</text>
</svg>
"""


def draw_icon(name: str, title: str) -> str:
    """Return an SVG: always the same for the same name and title."""
    background, ink = COLORS[sha256(name.encode()).digest()[0] % len(COLORS)]
    initial = graphemes(title.strip())[0].upper()
    return _SVG.format(background=background, ink=ink, initial=escape(initial))
