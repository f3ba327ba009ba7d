"""The address of a visitor, behind the reverse proxies that an operator names and no others."""

import asyncio
from pathlib import Path

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from gptstore import proxies
from gptstore.env import BadSetting, read_environment
from gptstore.proxies import ProxyMiddleware, client_address, default_gateway, trusted

VISITOR = "203.0.113.7"
PROXY = "10.1.2.3"


def visitor(peer: str, forwarded: str, *names: str) -> str:
    return client_address(peer, forwarded, trusted(*names))


def test_without_a_named_proxy_the_header_is_ignored() -> None:
    assert visitor(PROXY, VISITOR) == PROXY


def test_a_named_proxy_says_who_the_visitor_is() -> None:
    assert visitor(PROXY, VISITOR, PROXY) == VISITOR
    assert visitor(PROXY, VISITOR, "10.0.0.0/8") == VISITOR
    assert visitor("2001:db8::1", "2001:db8:7::7", "2001:db8::/64") == "2001:db8:7::7"


def test_what_a_visitor_writes_into_the_header_is_not_believed() -> None:
    assert visitor(PROXY, f"127.0.0.1, 10.9.9.9, {VISITOR}", "10.0.0.0/8") == VISITOR


def test_every_proxy_of_a_chain_is_named() -> None:
    assert visitor(PROXY, f"{VISITOR}, 10.9.9.9", "10.0.0.0/8") == VISITOR
    assert visitor(PROXY, f"{VISITOR}, 10.9.9.9", PROXY) == "10.9.9.9"


def test_a_visitor_who_is_not_behind_a_named_proxy_has_the_address_of_their_connection() -> None:
    assert visitor("198.51.100.1", VISITOR, PROXY) == "198.51.100.1"


@pytest.mark.parametrize("entry", ["203.0.113.7:4711", "[203.0.113.7]:4711", "::ffff:203.0.113.7", "  203.0.113.7 "])
def test_proxies_write_addresses_in_several_ways(entry: str) -> None:
    assert visitor(PROXY, entry, PROXY) == VISITOR


@pytest.mark.parametrize("entry", ["", "unknown", "_hidden", "9" * 5000, "203.0.113.7, , ", "a:b:c"])
def test_an_entry_that_is_no_address_ends_the_search(entry: str) -> None:
    assert visitor(PROXY, entry, PROXY) == PROXY


def test_a_unix_socket_can_be_named() -> None:
    assert visitor("", VISITOR, "unix") == VISITOR
    assert visitor("", VISITOR) == "0.0.0.0"


def test_the_default_gateway_is_read_from_the_routing_table() -> None:
    table = [
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
        "eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
        "eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0",
    ]
    assert default_gateway(table) == "172.18.0.1"
    assert default_gateway(table[:2]) is None


def test_the_gateway_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = tmp_path / "route"
    routes.write_text("eth0\t00000000\t010012AC\t0003\n")
    monkeypatch.setattr(proxies, "ROUTES", routes)

    assert visitor("172.18.0.1", VISITOR, "gateway", "192.0.2.1") == VISITOR


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.1/8", "10.0.0.1,,*"])
def test_a_proxy_that_is_no_address_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("GPTSTORE_TRUSTED_PROXIES", value)

    with pytest.raises(BadSetting, match=r"^GPTSTORE_TRUSTED_PROXIES is "):
        read_environment()


@pytest.fixture
def behind_proxy(settings: object) -> None:
    settings.ENV = settings.ENV.model_copy(update={"trusted_proxies": [PROXY, "127.0.0.1"]})  # type: ignore[attr-defined]


def test_everything_in_the_site_reads_the_visitors_address(behind_proxy: None) -> None:
    request = RequestFactory(headers={"x-forwarded-for": VISITOR}).get("/", REMOTE_ADDR=PROXY)

    assert ProxyMiddleware(lambda request: request.META["REMOTE_ADDR"])(request) == VISITOR  # type: ignore[arg-type]


def test_the_servers_access_log_has_it_too(behind_proxy: None) -> None:
    request = AsyncRequestFactory().get("/", headers={"x-forwarded-for": VISITOR})

    async def view(request: object) -> str:
        return request.scope["client"][0]  # type: ignore[attr-defined]

    assert asyncio.run(ProxyMiddleware(view)(request)) == VISITOR  # type: ignore[arg-type]
