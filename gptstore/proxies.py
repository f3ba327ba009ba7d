"""Finds out the address of a visitor behind reverse proxies.

`ProxyMiddleware` puts it into `REMOTE_ADDR` and into the server's access log, so that whatever needs the address reads
the same one. The server itself must leave the headers alone: uvicorn's `--no-proxy-headers`.
"""

from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Address = IPv4Address | IPv6Address
NOBODY = IPv4Address(0)
"""The address of a peer that has none, as on a Unix socket."""

UNIX = "unix"
GATEWAY = "gateway"
ROUTES = Path("/proc/net/route")


class ProxyMiddleware:
    """Comes first: gives each request the address of its visitor instead of that of the nearest proxy."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        peer = request.META.get("REMOTE_ADDR", "")
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        address = client_address(peer, forwarded, trusted(*settings.ENV.trusted_proxies))
        request.META["REMOTE_ADDR"] = address
        if address != peer and hasattr(request, "scope"):
            request.scope["client"] = (address, 0)
        return self.get_response(request)


def client_address(peer: str, forwarded: str, is_trusted: Callable[[Address], bool]) -> str:
    """Return the visitor's address: the last one of the way that no trusted proxy has.

    Each proxy appends its own peer to `X-Forwarded-For`, so that the header is read from its end, and no further than
    trusted proxies wrote it: what stands before can be invented.
    """
    address = read_address(peer) or NOBODY
    for entry in reversed(forwarded.split(",")):
        before = read_address(entry)
        if before is None or not is_trusted(address):
            break
        address = before
    return str(address)


def read_address(text: str) -> Address | None:
    """Read an address, with or without a port; None when it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@cache
def trusted(*names: str) -> Callable[[Address], bool]:
    """Return whether an address is that of a proxy with one of these names."""
    networks = [ip_network(found) for name in names for found in [as_network(name)] if found]
    return lambda address: any(address in network for network in networks)


def as_network(name: str) -> str | None:
    if name == GATEWAY:
        return default_gateway(ROUTES.read_text().splitlines() if ROUTES.exists() else [])
    return str(NOBODY) if name == UNIX else name


def default_gateway(routes: Iterable[str]) -> str | None:
    """Return the default gateway of Linux's routing table, which has addresses as hexadecimal, lowest byte first."""
    for route in routes:
        columns = route.split()
        if len(columns) > 2 and columns[1] == "0" * 8:
            return str(IPv4Address(bytes.fromhex(columns[2])[::-1]))
    return None


def check_proxy(name: str) -> str:
    """Check an entry of GPTSTORE_TRUSTED_PROXIES. Raises ValueError."""
    if name not in (UNIX, GATEWAY):
        ip_network(name)
    return name
