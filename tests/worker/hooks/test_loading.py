"""Which hooks a worker has: those that a setting names, and no others."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from worker.hooks.errors import HooksNotLoaded
from worker.hooks.loading import load_named
from worker.hooks.registry import open_hooks

ROOT = Path(__file__).parents[3]
GOOD = """
    from worker.hooks import Change, hookimpl

    @hookimpl
    def gptstore_screen_input(text):
        return Change(text + "!")
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Path]]:
    """install("acme", code): a module and the metadata of a package whose entry point names it, as pip leaves them."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(name: str, code: str) -> Path:
        (tmp_path / f"{name}_rules.py").write_text(textwrap.dedent(code))
        info = tmp_path / f"{name}_rules-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}-rules\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[gptstore.operator_hooks]\n{name} = {name}_rules\n")
        return tmp_path

    yield install
    for name in set(sys.modules) - known:
        if name.endswith("_rules"):
            del sys.modules[name]


def test_hooks_come_in_the_order_of_the_setting(install: Callable[[str, str], Path]) -> None:
    install("acme", GOOD)
    assert open_hooks(["masking", "acme"]).names == ["masking", "acme"]
    assert open_hooks(["acme", "masking"]).names == ["acme", "masking"]
    assert open_hooks([]).names == []


def test_what_is_not_named_is_not_even_imported(install: Callable[[str, str], Path]) -> None:
    install("acme", "raise RuntimeError")
    assert open_hooks(["masking"]).names == ["masking"]
    assert "acme_rules" not in sys.modules


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise RuntimeError('two\\nlines')", "'acme' cannot be loaded: RuntimeError: two lines"),
        ("import sys; sys.exit(3)", "'acme' cannot be loaded: SystemExit: 3"),
        ("def gptstore_screen_input(text): ...", "'acme' implements nothing: write @hookimpl"),
        (GOOD.replace("input(text)", "inputs(text)"), "'acme' cannot be used: .*gptstore_screen_inputs"),
        (GOOD.replace("input(text)", "input(words)"), "'acme' cannot be used: .*words"),
    ],
    ids=["raises", "exits", "unmarked", "misspelt", "wrong argument"],
)
def test_a_hook_that_cannot_be_used_is_named_with_the_reason(
    install: Callable[[str, str], Path], code: str, words: str
) -> None:
    install("acme", code)
    with pytest.raises(HooksNotLoaded, match=words) as raised:
        load_named(["acme"])
    assert "\n" not in raised.value.message


def test_a_name_that_is_not_installed_or_stands_there_twice() -> None:
    with pytest.raises(HooksNotLoaded, match=r"'maskign', .* There are: masking, masking-answers\."):
        load_named(["maskign"])
    with pytest.raises(HooksNotLoaded, match="one twice"):
        load_named(["masking", "masking"])


def test_a_worker_without_a_hook_that_it_should_have_ends_with_one_line(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gptstore.settings",
        "GPTSTORE_SECRET_KEY": "x" * 60,
        "GPTSTORE_VAR": str(tmp_path),
        "GPTSTORE_MODEL": "echo",
        "GPTSTORE_OPERATOR_HOOKS": "masking, nobody",
        "GPTSTORE_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "worker"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    line = "The worker cannot start: GPTSTORE_OPERATOR_HOOKS names 'nobody', which is not installed."
    assert done.stderr == f"{line} There are: masking, masking-answers.\n"


@pytest.mark.parametrize("process", ["gptstore.asgi", "gptstore.sdk.host.fork_server, gptstore.sdk.host.job"])
def test_neither_the_site_nor_the_host_of_a_plugin_loads_operator_hooks(process: str) -> None:
    code = f"import {process}, sys; print('worker.hooks' in sys.modules)"
    environment = {**os.environ, "GPTSTORE_OPERATOR_HOOKS": "masking", "DJANGO_SETTINGS_MODULE": "gptstore.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
