"""Several requests of one tool to the model at the same time: the same results in the sandbox and in the process."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Event
from typing import Any

import pytest

from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job
from gptstore.sdk import ParameterError, ToolError
from gptstore.sdk.plugins import Loaded, LoadedPlugin
from harness.plugins import write_plugin
from harness.port import Port
from harness.redis import RedisServer
from harness.waiting import wait_until
from tests.worker.hosts.sandbox import asking_tools
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.protocol import Prompt, Request
from worker.hosts.base import ToolCall, ToolHost
from worker.hosts.inprocess import InProcessHost
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.sandbox import Bounds, Sandbox
from worker.jobs.execute import execute
from worker.jobs.run import Run

pytestmark = pytest.mark.landlock

PLUGIN = "gptstore-asking"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[ToolHost]:
    own = own_environment()
    if (level := probe(own)).name == "none":
        pytest.skip(f"not on this machine: {level.missing}")
    with TemporaryDirectory(prefix="gptstore-asking-") as name:
        Path(name).chmod(0o755)
        write_plugin(Path(name), PLUGIN, Path(asking_tools.__file__).read_text(encoding="utf-8"))
        environment = replace(own, readable=(*own.readable, name), extra=(name, *own.extra))
        opened = Sandbox([PluginConfig(PLUGIN, environment, probe(environment))], Bounds(import_seconds=60))
        opened.wait()
        yield opened
        opened.close()


@pytest.fixture(params=["sandbox", "in the process"])
def host(request: pytest.FixtureRequest) -> ToolHost:
    if request.param == "sandbox":
        opened: ToolHost = request.getfixturevalue("sandbox")
        return opened
    tools = tuple(asking_tools.gptstore_tools())
    return InProcessHost(Loaded([LoadedPlugin(PLUGIN, "1", PLUGIN, "m", tools, manifest=None)]))  # type: ignore[arg-type]


class Together:
    """A script: no answer ends before so many have begun. `most`: the most that were open at the same time."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.begun: list[Prompt] = []
        self.open: set[str] = set()
        self.most = 0

    def __call__(self, request: Request) -> Iterator[str]:
        self.begun.append(request.prompt)
        self.open.add(request.id)
        self.most = max(self.most, len(self.open))
        try:
            while len(self.begun) < self.count:
                yield " "
            yield f"{request.prompt}!"
        finally:
            self.open.discard(request.id)


@pytest.fixture
def start(host: ToolHost, redis_server: RedisServer) -> Iterator[Callable[..., Callable[[], tuple[Run, Any]]]]:
    """Start a tool on a thread of its own; what is returned waits for its end."""
    engines: list[ScriptedEngine] = []
    pool = ThreadPoolExecutor(4)

    def start_one(tool: str, script: Callable[[Request], Any], owner: int = 1, **given: Any) -> Any:
        engines.append(ScriptedEngine(script, 0.002, is_chat=False, context_length=100_000))
        row = Tool(slug=tool, plugin=PLUGIN, input_schema={}, max_seconds=given.pop("max_seconds", None))
        run = Run(Job(tool=row, owner_id=owner, attempt=1, worker="w", input=given), engines[-1])

        def go() -> tuple[Run, Any]:
            error = execute(run, host)
            run.publisher.finish()
            return run, error

        return run, pool.submit(go).result

    yield start_one
    pool.shutdown()
    for engine in engines:
        engine.close()


@pytest.fixture
def ask(start: Callable[..., Any]) -> Callable[..., tuple[str, Any, Run]]:
    """Run a tool to its end: its output, its error and its run."""

    def ask_one(tool: str, script: Callable[[Request], Any], **given: Any) -> tuple[str, Any, Run]:
        run, end = start(tool, script, **given)
        _, error = end()
        return run.publisher.text, error, run

    return ask_one


LETTERS = ["a", "b", "c", "d", "e", "f", "g"]


def test_so_many_answers_are_made_at_the_same_time_and_come_in_order(ask: Callable[..., Any]) -> None:
    script = Together(4)

    text, error, _ = ask("many", script, prompts=LETTERS, at_once=4)

    assert (text, error) == ("a!|b!|c!|d!|e!|f!|g!|", None)
    assert script.most == 4
    assert script.begun == LETTERS


def test_each_answer_has_its_form(ask: Callable[..., Any]) -> None:
    assert ask("numbers", lambda r: [f'{{"value": {r.prompt}}}'], prompts=["3", "1", "2"])[0] == "3|1|2|"
    assert ask("choices", lambda r: ["yes" if r.prompt == "a" else "no"], prompts=LETTERS[:3])[0] == "yes|no|no"


def test_an_answer_that_fails_comes_in_its_turn_and_ends_the_others(ask: Callable[..., Any]) -> None:
    def script(request: Request) -> Iterator[str]:
        if request.prompt == "endless":
            while True:
                yield " "
        yield f'{{"value": {request.prompt}}}'

    text, error, run = ask("numbers", script, prompts=["1", "none", *["endless"] * 5])

    assert text == "1|"
    assert "no valid Number" in error.message or "ended before its Number was complete" in error.message
    wait_until(lambda: not run.requests.open, "the end of the others")


def test_answers_that_nobody_reads_any_more_leave_room_for_others(ask: Callable[..., Any]) -> None:
    def script(request: Request) -> Iterator[str]:
        while request.prompt == "endless":
            yield ""  # no text for which the tool could be found to be gone
        yield str(request.prompt)

    text, error, run = ask("again", script, prompts=["none", *["endless"] * 15], times=20)

    assert (text, error) == ("end", None)
    wait_until(lambda: not run.requests.open, "the end of the others")


def test_an_answer_that_does_not_fit_is_asked_for_again_with_another_seed(ask: Callable[..., Any]) -> None:
    def script(request: Request) -> list[str]:
        return ["never"] if request.prompt == "2" and request.params.seed == 7 else [f'{{"value": {request.prompt}}}']

    text, error, run = ask("numbers", script, prompts=["1", "2", "3"], attempts=2)

    assert (text, error) == ("1|2|3|", None)
    assert run.log_lines == 1


def test_a_canceled_run_gets_none_of_the_answers(start: Callable[..., Any]) -> None:
    script = Together(100)
    run, end = start("many", script, prompts=LETTERS, at_once=5)
    wait_until(lambda: len(script.begun) >= 5, "five requests")

    run.stop()

    end()
    assert run.publisher.text == ""
    assert not run.requests.open
    wait_until(lambda: not script.open, "the end of the requests")


def test_a_tool_may_ask_from_threads_of_its_own(ask: Callable[..., Any]) -> None:
    script = Together(4)

    text, error, _ = ask("threads", script, prompts=LETTERS[:4])

    assert (text, error) == ("a!|b!|c!|d!", None)


def test_scores_are_made_at_the_same_time(sandbox: ToolHost) -> None:
    class Gate(Port):
        barrier = Barrier(4)

        def score(self, prompt: Prompt, continuation: str) -> list[float]:
            self.barrier.wait(20)
            return super().score(prompt, continuation)

    port = Gate()
    sandbox.run(ToolCall(PLUGIN, "scores", {"prompts": LETTERS[:4]}), port)

    assert port.text == "2|2|2|2"


def test_a_tool_with_too_many_open_answers_is_told_so(sandbox: ToolHost, redis_server: RedisServer) -> None:
    with pytest.raises(ParameterError, match="64 requests to the model open at a time"):
        sandbox.run(ToolCall(PLUGIN, "hoard", {"count": 65}), Port())
    port = Port()
    sandbox.run(ToolCall(PLUGIN, "hoard", {"count": 64}), port)
    assert port.text == "x " * 64


def test_a_tool_knows_how_much_time_it_has(ask: Callable[..., Any]) -> None:
    text, error, _ = ask("time-left", lambda _: [], max_seconds=50)

    assert error is None
    assert 0 < float(text) <= 50


def test_a_tool_gets_its_settings(host: ToolHost) -> None:
    port = Port()
    call = ToolCall(PLUGIN, "use-settings", {}, settings={"token": "abc-marker"})

    host.run(call, port)

    assert port.text == "Access(token=SecretStr('**********'), region='eu') eu 10 rekram-cba"
    assert "marker" not in repr(call)


def test_settings_that_do_not_fit_are_named_without_their_values(host: ToolHost) -> None:
    with pytest.raises(ToolError, match="do not fit: token, region") as raised:
        host.run(ToolCall(PLUGIN, "use-settings", {}, settings={"token": 5.5, "region": ["marker"]}), Port())

    assert "marker" not in str(raised.value)


def test_a_run_with_many_requests_leaves_their_turn_to_others(host: ToolHost, redis_server: RedisServer) -> None:
    # Given a model with room for two requests, and a run with twenty of its own
    begun: list[str] = []
    goes_on = Event()

    def script(request: Request) -> Iterator[str]:
        begun.append(request.group)
        while not goes_on.is_set():
            yield ""
        yield "done"

    engine = ScriptedEngine(script, 0.002, is_chat=False, context_length=100_000, limits=BatchLimits(running=2))

    def run_one(owner: int, prompts: list[str]) -> None:
        given = {"prompts": prompts, "at_once": 20}
        run = Run(
            Job(
                tool=Tool(slug="many", plugin=PLUGIN, input_schema={}),
                owner_id=owner,
                attempt=1,
                worker="w",
                input=given,
            ),
            engine,
        )
        assert execute(run, host) is None
        run.publisher.finish()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run_one, 1, [f"{number}" for number in range(40)])
        wait_until(lambda: engine.stats().waiting == 18, "its requests to wait")
        # When somebody else asks once
        second = pool.submit(run_one, 2, ["one"])
        wait_until(lambda: engine.stats().waiting == 19, "the other request")
        goes_on.set()
        first.result()
        second.result()
    engine.close()
    # Then that is among the next, before those that came earlier
    assert begun.index("2") < 10
