"""The address of a store, and whether a key may travel there."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from gptstore.sdk.cli.errors import UsageError

EXAMPLE = "such as https://store.example.org"


def read_address(text: str, *, allow_http: bool = False) -> str:
    """Return the address without a slash at its end. Raises UsageError.

    An address without a scheme is https, on this machine http. allow_http: other machines may be reached without
    encryption, too.
    """
    parts = _split(text.strip())
    if parts.username or parts.password:
        raise UsageError("Leave the name and the password out of the address; the store takes a key.")
    if parts.query or parts.fragment:
        raise UsageError(f"{text!r} is not the address of a store, {EXAMPLE}.")
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname or ""):
        raise UsageError(
            f"http://{parts.netloc} is not encrypted, and anybody on the way could read your key. "
            "Use https://, or --allow-http in a network that you trust."
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Return whether the host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{text!r} is no address: {error}. Write one {EXAMPLE}.") from None
    scheme = parts.scheme or ("http" if is_loopback(host or "") else "https")
    if not host or scheme not in ("http", "https"):
        raise UsageError(f"{text!r} is not the address of a store, {EXAMPLE}.")
    return parts._replace(scheme=scheme)
