"""Calls that the sandbox denies are counted, as the process of the run sees them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gptstore.sdk import ToolError
from harness.plugins import write_plugin
from harness.port import Port
from tests.worker.hosts.sandbox import denied_tools
from worker.hosts.base import ToolCall
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.sandbox import Bounds, Sandbox

pytestmark = pytest.mark.landlock

PLUGIN = "gptstore-denied"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    own = own_environment()
    if (level := probe(own)).name == "none":
        pytest.skip(f"not on this machine: {level.missing}")
    with TemporaryDirectory(prefix="gptstore-denied-") as name:
        Path(name).chmod(0o755)
        write_plugin(Path(name), PLUGIN, Path(denied_tools.__file__).read_text(encoding="utf-8"))
        environment = replace(own, readable=(*own.readable, name), extra=(name, *own.extra))
        opened = Sandbox([PluginConfig(PLUGIN, environment, probe(environment))], Bounds(import_seconds=60))
        opened.wait()
        yield opened
        opened.close()


@pytest.fixture
def denied(sandbox: Sandbox) -> Callable[..., Mapping[str, int] | None]:
    """Run a tool, and return what was denied to it."""

    def run(tool: str, *ways: str, counts: bool = True) -> Mapping[str, int] | None:
        port = Port()
        given = {"ways": [*ways]} if tool == "attempt" else {}
        sandbox.run(ToolCall(PLUGIN, tool, given, counts_denials=counts), port)
        assert port.text in ("its own folder", "done")
        return port.denied

    return run


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        (["socket"], {"network": 1}),
        (["look up"], {"network": 1}),
        (["fork"], {"processes": 1}),
        (["program"], {"processes": 1}),
        (["file"], {"files": 1}),
        (["one of a list"], {"files": 1}),
        (["write"], {"files": 1}),
        (["missing"], {}),
        ([], {}),
        (["socket", "file", "socket", "missing", "fork"], {"files": 1, "network": 2, "processes": 1}),
    ],
)
def test_each_denied_call_counts_once_although_the_tool_goes_on(
    denied: Callable[..., object], ways: list[str], expected: dict[str, int]
) -> None:
    assert denied("attempt", *ways) == expected


def test_an_error_that_no_call_gave_does_not_count(denied: Callable[..., object]) -> None:
    assert denied("hide") == {}


def test_a_run_that_fails_says_it_too_also_of_its_threads(sandbox: Sandbox) -> None:
    port = Port()

    with pytest.raises(ToolError, match="no network"):
        sandbox.run(ToolCall(PLUGIN, "insist", {}, counts_denials=True), port)

    assert port.denied == {"network": 1}


def test_nobody_counts_unless_asked(denied: Callable[..., object]) -> None:
    assert denied("attempt", "socket", counts=False) is None


def test_a_host_of_an_older_sdk_is_not_asked(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.supervisors[0], "counts_denials", False)
    port = Port()

    sandbox.run(ToolCall(PLUGIN, "attempt", {"ways": ["socket"]}, counts_denials=True), port)

    assert port.denied is None
