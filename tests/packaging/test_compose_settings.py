"""Every setting of `gptstore/env.py` reaches the containers that read it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gptstore.env import Environment, read_environment

ROOT = Path(__file__).resolve().parents[2]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
PREFIX = "GPTSTORE_"
SETTINGS = {PREFIX + name.upper() for name in Environment.model_fields}
NOT_PASSED = {
    "GPTSTORE_DEBUG": "its pages show code and settings, and others reach a store in containers",
    "GPTSTORE_VAR": "the image says where its files lie, and a volume is mounted there",
}
FOR_VISITORS = {"GPTSTORE_TRUSTED_PROXIES", "GPTSTORE_SIGNING_KEY"}
"""What only the process that answers visitors uses; among it a key that no worker may have."""

FOR_MAIL = {"GPTSTORE_EMAIL_URL", "GPTSTORE_EMAIL_FROM"}
"""For what sends mails, workers too: they tell authors and admins what the store decided."""

MADE_OF = {
    "database": "database_url",
    "broker_url": "redis_url",
    "environments": "var",
    "bundles_place": "bundles",
    "signing_key_file": "signing_key",
    "trusted_keys_file": "trusted_keys",
}
"""The properties of the settings, by the setting that each is made of."""


def attributes(path: Path) -> Iterator[str]:
    """Yield what a module reads of the settings: `ENV.name`, `settings.ENV.name`, and `env.name` for short."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            source = node.value
            if getattr(source, "id", None) in ("ENV", "env") or getattr(source, "attr", None) == "ENV":
                yield node.attr


def read_by_the_site() -> set[str]:
    """Return the variables that the site's own code reads. A worker loads this code, too, and may read all of them."""
    names = {name for path in (ROOT / "gptstore").rglob("*.py") for name in attributes(path)}
    return {PREFIX + MADE_OF.get(name, name).upper() for name in names}


def passed(service: str) -> set[str]:
    return {name for name in SERVICES[service]["environment"] if name.startswith(PREFIX)}


def test_the_worker_gets_every_setting() -> None:
    assert passed("worker") == SETTINGS - NOT_PASSED.keys() - FOR_VISITORS


@pytest.mark.parametrize("service", ["web", "migrate"])
def test_the_site_gets_the_settings_that_it_reads_and_no_others(service: str) -> None:
    assert {"GPTSTORE_SECRET_KEY", "GPTSTORE_MAX_BODY_BYTES", "GPTSTORE_REDIS_URL"} <= read_by_the_site()

    others = FOR_VISITORS | FOR_MAIL if service == "migrate" else set()
    assert passed(service) == read_by_the_site() - NOT_PASSED.keys() - others


def test_what_is_not_passed_is_a_setting() -> None:
    assert NOT_PASSED.keys() < SETTINGS


def test_every_variable_may_be_empty_but_those_without_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = [name for name, value in SERVICES["worker"]["environment"].items() if value == f"${{{name}:-}}"]
    unset = read_environment()

    for name in empty:
        monkeypatch.setenv(name, "")

    assert len(empty) > 20
    assert read_environment() == unset
