"""Who reaches the servers of docker-compose.yml: this machine the site, and the store's own processes Redis."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from gptstore.demo.config import free_port
from gptstore.demo.redis import find_server
from harness.process import Process

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
PASSWORD = "quiet4horse"


def filled_in(text: str) -> str:
    """Return the text as Compose makes it where .env holds nothing but passwords."""
    filled = re.sub(r"\$\{(\w+):\?[^}]*\}", PASSWORD, text)
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", filled)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Redis as Compose starts it, but at a port of the loopback interface."""
    port = free_port("127.0.0.1", 0)
    (tmp_path / "redis.conf").write_text(filled_in(COMPOSE["configs"]["redis"]["content"]) + "\n")
    program, conf, *options = SERVICES["redis"]["command"]
    assert (program, conf) == ("redis-server", SERVICES["redis"]["configs"][0]["target"])
    here = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(tmp_path)]
    server = Process([str(find_server()), str(tmp_path / "redis.conf"), *options, *here], {}, tmp_path / "redis.log")
    server.wait_until(lambda: answers(port), 20)
    yield port
    server.stop()


def answers(port: int) -> bool:
    try:
        with redis.Redis(port=port, password=PASSWORD) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_the_site_answers_to_this_machine_alone_unless_it_is_told_otherwise() -> None:
    ports = [binding for service in SERVICES.values() for binding in service.get("ports", [])]

    assert [filled_in(binding) for binding in ports] == ["127.0.0.1:8000:8000"]
    assert ports[0].startswith("${GPTSTORE_BIND:-")


def test_redis_refuses_whoever_has_no_password(port: int) -> None:
    with redis.Redis(port=port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_the_stores_address_of_redis_holds_the_password(port: int) -> None:
    for service in ("web", "migrate", "worker"):
        url = filled_in(SERVICES[service]["environment"]["GPTSTORE_REDIS_URL"])

        with redis.Redis.from_url(url.replace("@redis:6379", f"@127.0.0.1:{port}")) as client:
            assert client.ping()


@pytest.mark.parametrize(("password", "status"), [(PASSWORD, 0), ("wrong", 1), ("", 1)])
def test_its_health_check_is_answered_with_the_password_alone(port: int, password: str, status: int) -> None:
    assert filled_in(SERVICES["redis"]["environment"]["REDISCLI_AUTH"]) == PASSWORD
    kind, line = SERVICES["redis"]["healthcheck"]["test"]
    folder = Path(str(find_server())).parent
    variables = {"PATH": f"{folder}:{os.environ['PATH']}", **({"REDISCLI_AUTH": password} if password else {})}
    here = line.replace("redis-cli", f"redis-cli -p {port}")

    checked = subprocess.run(["sh", "-c", here], env=variables, capture_output=True, timeout=20)

    assert (kind, checked.returncode) == ("CMD-SHELL", status)


def test_the_password_stands_on_no_command_line() -> None:
    for service in SERVICES.values():
        assert "PASSWORD" not in str(service.get("command", ""))
