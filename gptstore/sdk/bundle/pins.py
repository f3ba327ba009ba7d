"""`requirements.txt`: every package of a bundle by version and SHA-256, in the form that pip, uv and workers read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gptstore.sdk.bundle.errors import BundleError

PIN = re.compile(r"([a-z0-9][a-z0-9.-]*)==([A-Za-z0-9.!+]+)(?: ; ([^\\#]+?))?((?: --hash=sha256:[0-9a-f]{64})+)")


@dataclass(frozen=True)
class Pin:
    """A package. hashes: the SHA-256 of its wheels. marker: where it is installed (PEP 508), "": everywhere."""

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str = ""


def render_pins(pins: Iterable[Pin]) -> str:
    return "".join(map(render_pin, sorted(pins, key=lambda pin: (pin.name, pin.marker))))


def render_pin(pin: Pin) -> str:
    head = f"{pin.name}=={pin.version}" + (f" ; {pin.marker}" if pin.marker else "")
    return " \\\n".join([head, *(f"    --hash=sha256:{digest}" for digest in sorted(pin.hashes))]) + "\n"


def read_pins(text: str) -> list[Pin]:
    """Return the pins of a file. Raises BundleError for a line that is anything else, such as an option of pip."""
    pins = []
    for line in text.replace("\\\n", " ").splitlines():
        joined = " ".join(line.split())
        if not joined or joined.startswith("#"):
            continue
        match = PIN.fullmatch(joined)
        if match is None:
            raise BundleError(f"requirements.txt has {joined[:100]!r}, which is no `name==version --hash=sha256:…`.")
        hashes = tuple(part.rpartition(":")[2] for part in match[4].split())
        pins.append(Pin(match[1], match[2], hashes, match[3] or ""))
    return pins
