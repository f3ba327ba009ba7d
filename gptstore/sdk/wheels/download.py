"""Downloads wheels into the cache, several at a time, each compared with its hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from gptstore.sdk.wheels.errors import WheelError
from gptstore.sdk.wheels.resolve import Resolved
from gptstore.sdk.wheels.wheel_cache import find_wheel, keep_wheel

if TYPE_CHECKING:
    import httpx

AT_A_TIME = 8
ATTEMPTS = 3
SECONDS = 60
CHUNK = 1 << 16


def download(wheels: Sequence[Resolved], cache: Path) -> dict[str, Path]:
    """Return where each wheel is, by its SHA-256; those that the cache lacks are downloaded. Raises WheelError."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        places = pool.map(lambda wheel: find_wheel(wheel.sha256, cache) or fetch(wheel, cache), wheels)
        return dict(zip((wheel.sha256 for wheel in wheels), places, strict=True))


def fetch(wheel: Resolved, cache: Path) -> Path:
    if urlsplit(wheel.url).scheme == "file":
        return keep_wheel(wheel.sha256, wheel.file_name, read_file(wheel), cache)
    import httpx

    auth = credentials()
    for attempt in range(ATTEMPTS):
        try:
            with httpx.stream("GET", wheel.url, timeout=SECONDS, follow_redirects=True, auth=auth) as response:
                response.raise_for_status()
                return keep_wheel(wheel.sha256, wheel.file_name, response.iter_bytes(CHUNK), cache)
        except httpx.HTTPError as error:
            if attempt == ATTEMPTS - 1 or isinstance(error, httpx.HTTPStatusError):
                reason = " ".join(str(error).split()) or type(error).__name__
                raise WheelError(f"{wheel.file_name} cannot be downloaded: {reason}. Try again later.") from None
    raise AssertionError("unreachable")


def read_file(wheel: Resolved) -> Iterator[bytes]:
    try:
        with Path(url2pathname(urlsplit(wheel.url).path)).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise WheelError(f"{wheel.file_name} cannot be read: {error.strerror}.") from None


def credentials() -> httpx.NetRCAuth | None:
    """Return what ~/.netrc says, which uv reads for a private index, too."""
    import httpx

    with suppress(OSError, SyntaxError):
        return httpx.NetRCAuth()
    return None
