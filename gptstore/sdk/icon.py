"""The icon of a tool: a small SVG or PNG beside its module, which the manifest holds as a data URL (RFC 2397)."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from gptstore.sdk import svg

MAX_BYTES = 16 * 1024
MAX_PIXELS = 512
"""The width and the height of a PNG: a small file can hold a picture that fills the memory."""

SVG, PNG = "image/svg+xml", "image/png"
_BY_SUFFIX = {".svg": SVG, ".png": PNG}
_PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


class IconError(ValueError):
    """Raised for an icon that no store shows. The message is the rest of a sentence: "… has the element <script>"."""


def read_icon(folder: Path, name: str) -> str:
    """Return the icon of this name in the folder as a data URL. Raises IconError."""
    kind = _BY_SUFFIX.get(Path(name).suffix.lower())
    if kind is None:
        raise IconError("must be an .svg or a .png")
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise IconError("must lie beside the module of the tool, or in a folder there")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise IconError(f"can't be read ({os.strerror(error.errno or 0)}): is it in the package?") from None
    check_icon(kind, data)
    return make_url(kind, data)


def make_url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def read_url(url: str) -> tuple[str, bytes]:
    """Return the kind and the bytes of an icon in a manifest, which a plugin's own process wrote. Raises IconError."""
    head, _, encoded = url.partition(";base64,")
    try:
        data = base64.b64decode(encoded[: 2 * MAX_BYTES], validate=True)
    except (binascii.Error, ValueError):
        raise IconError("is not written in Base64") from None
    kind = head.removeprefix("data:")
    check_icon(kind, data)
    return kind, data


def check_icon(kind: str, data: bytes) -> None:
    """Raise IconError for what is too large, neither SVG nor PNG, or unsafe."""
    if len(data) > MAX_BYTES:
        raise IconError(f"has more than {MAX_BYTES // 1024} KB")
    if kind == SVG:
        if problem := svg.find_problem(data):
            raise IconError(problem)
    elif kind != PNG or not data.startswith(_PNG_START):
        raise IconError("is neither an SVG nor a PNG")
    elif max(int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) > MAX_PIXELS:
        raise IconError(f"has more than {MAX_PIXELS} pixels in a row or a column")
