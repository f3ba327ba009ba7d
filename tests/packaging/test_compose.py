"""docker-compose.yml and the Dockerfiles, as far as a machine without Docker can tell."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from gptstore.demo.config import free_port
from harness.process import Process

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
WITHOUT_GPU = ROOT / "docker/remote-engine.yml"
DOCKERFILES = sorted((ROOT / "docker").glob("*.Dockerfile"))
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]


def command_of(dockerfile: str) -> list[str]:
    text = (ROOT / "docker" / dockerfile).read_text().replace("\\\n", "")
    return list(json.loads(re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)[-1]))


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """What the containers get, with a database and a Redis that need no container."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "gptstore.settings",
        "GPTSTORE_SECRET_KEY": "x" * 60,
        "GPTSTORE_VAR": str(tmp_path),
        "GPTSTORE_REDIS_URL": f"unix://{tmp_path}/redis.sock?db=0",
        "GPTSTORE_ALLOWED_HOSTS": "store.example,127.0.0.1",
    }


def without_gpu() -> dict[str, Any]:
    """The second file as plain YAML: what it takes back is None."""
    return dict(yaml.safe_load(WITHOUT_GPU.read_text().replace("!reset null", "null")))


def test_the_files_follow_the_compose_specification(tmp_path: Path) -> None:
    second = without_gpu()
    second["services"]["worker"].pop("deploy")
    plain = tmp_path / "remote-engine.yml"
    plain.write_text(yaml.safe_dump(second))
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]

    done = subprocess.run([*check, str(COMPOSE), str(plain)], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout


def test_no_secret_has_a_default() -> None:
    for name in ("GPTSTORE_SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "GPTSTORE_ALLOWED_HOSTS"):
        uses = re.findall(rf"\$\{{{name}\b[^}}]*\}}", COMPOSE.read_text())
        assert uses
        assert all(use.startswith(f"${{{name}:?") for use in uses)


def test_every_variable_is_explained_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text())) - {"HF_TOKEN"}
    explained = set(re.findall(r"^(\w+)=", (ROOT / "docker/example.env").read_text(), re.MULTILINE))

    assert used == explained


def test_web_and_worker_wait_for_the_schema_and_every_server_tells_its_health() -> None:
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    for name in ("postgres", "redis", "worker"):
        assert SERVICES[name]["healthcheck"]["test"]
    assert "HEALTHCHECK" in (ROOT / "docker/web.Dockerfile").read_text()


def test_visitors_are_told_apart_behind_the_bridge() -> None:
    environment = SERVICES["web"]["environment"]

    assert environment["GPTSTORE_TRUSTED_PROXIES"] == "${GPTSTORE_TRUSTED_PROXIES:-gateway}"
    assert "--no-proxy-headers" in command_of("web.Dockerfile")  # else the server changes the address before the site


def test_secrets_are_for_the_processes_that_use_them() -> None:
    having = {
        secret: {name for name, service in SERVICES.items() if secret in service.get("environment", {})}
        for secret in ("GPTSTORE_EMAIL_URL", "GPTSTORE_SIGNING_KEY")
    }
    assert having == {"GPTSTORE_EMAIL_URL": {"web", "worker"}, "GPTSTORE_SIGNING_KEY": {"web"}}
    mounted = {name for name, service in SERVICES.items() if "signing:" in str(service.get("volumes", ""))}
    assert mounted == {"web"}


def test_redis_and_postgres_keep_their_data_in_volumes_and_open_no_port() -> None:
    assert "--appendonly" in SERVICES["redis"]["command"]
    for name in ("postgres", "redis"):
        assert SERVICES[name]["volumes"]
        assert "ports" not in SERVICES[name]


def test_the_worker_reserves_a_gpu() -> None:
    devices = SERVICES["worker"]["deploy"]["resources"]["reservations"]["devices"]

    assert devices == [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]


def test_a_second_file_takes_the_gpu_back_where_a_server_runs_the_model() -> None:
    worker = without_gpu()["services"]["worker"]

    assert "deploy: !reset null" in WITHOUT_GPU.read_text()
    assert worker["deploy"] is None
    assert worker["environment"]["GPTSTORE_ENGINE_URL"].startswith("${GPTSTORE_ENGINE_URL:?")


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_images_copy_what_exists_and_do_not_run_as_root(dockerfile: Path) -> None:
    text = dockerfile.read_text()

    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / source).exists() for source in sources.split())
    assert re.search(r"^USER (?!root)\w+$", text.rsplit("FROM ", 1)[1], re.MULTILINE)


def test_images_are_built_of_everything_that_the_wheel_takes_from_the_repository() -> None:
    ignored = {line.rstrip("/") for line in (ROOT / ".dockerignore").read_text().split()}

    assert not ignored & {"docs", "gptstore", "worker", "plugins", "requirements", "README.md"}
    assert all("COPY . /src\n" in dockerfile.read_text() for dockerfile in DOCKERFILES)


def test_the_web_images_command_serves_the_store(variables: dict[str, str], tmp_path: Path) -> None:
    port = free_port("127.0.0.1", 0)
    here = {"--host=0.0.0.0": "--host=127.0.0.1", "--port=8000": f"--port={port}"}
    command = [here.get(word, word) for word in command_of("web.Dockerfile")]

    web = Process(command, variables, tmp_path / "web.log")

    try:
        web.wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 60)
    finally:
        web.stop()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.ConnectError:
        return False


def test_the_worker_images_command_can_be_run(variables: dict[str, str]) -> None:
    command = [*command_of("worker.Dockerfile"), "--help"]

    done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert "shared model" in done.stdout


def test_the_migration_step_makes_what_the_workers_health_check_reads(
    variables: dict[str, str], tmp_path: Path
) -> None:
    migrate, (kind, *check) = SERVICES["migrate"]["command"], SERVICES["worker"]["healthcheck"]["test"]

    migrated = subprocess.run(migrate, env=variables, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    checked = subprocess.run(check, env=variables, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert migrated.returncode == 0, migrated.stderr
    assert "6 tools" in migrated.stdout
    assert (kind, checked.returncode) == ("CMD", 1)
    assert checked.stderr == "No worker of this machine sent a heartbeat lately: see its log.\n"


def test_health_commands_are_lists_or_shell_lines() -> None:
    for service in SERVICES.values():
        kind, *rest = service.get("healthcheck", {"test": ["CMD", "x"]})["test"]
        assert kind in ("CMD", "CMD-SHELL") and rest
        assert kind == "CMD" or shlex.split(rest[0])
