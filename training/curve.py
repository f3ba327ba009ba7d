"""The learning curve of a training as a small SVG picture."""

import json
import math
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP = 640, 240, 56, 16
POINTS = 300


def draw_curve(log: Path) -> str:
    """Draw the loss over the tokens seen, from the log of a training; a picture without a line if the log is empty."""
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    lines = lines[:: max(1, len(lines) // POINTS)]
    most = max((line["tokens"] for line in lines), default=1)
    low, high = (f((line["loss"] for line in lines), default=n) for f, n in ((min, 0.0), (max, 1.0)))
    low, high = math.floor(low), math.ceil(high + 1e-9)
    spots = " ".join(
        f"{LEFT + line['tokens'] / most * WIDTH:.1f},{TOP + (high - line['loss']) * HEIGHT / (high - low):.1f}"
        for line in lines
    )
    step = HEIGHT / (high - low)
    levels = "".join(
        f'<text x="{LEFT - 8}" y="{TOP + (high - level) * step + 4:.0f}" text-anchor="end">{level}</text>'
        for level in range(low, high + 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEFT + 16} {HEIGHT + TOP + 40}" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#666">'
        f"<title>Training loss, nats per token, over {most / 1e6:,.0f} million tokens</title>"
        f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#8884"/>{levels}'
        f'<text x="{LEFT}" y="{TOP + HEIGHT + 22}">0</text>'
        f'<text x="{LEFT + WIDTH}" y="{TOP + HEIGHT + 22}" text-anchor="end">{most / 1e6:,.0f} million tokens</text>'
        f'<polyline points="{spots}" fill="none" stroke="#3b6fd4" stroke-width="2"/></svg>\n'
    )
