"""`gptstore dev` on a machine with a worker's packages: the tool has no more rights than in a store."""

import json
import socket
from pathlib import Path

import pytest

from gptstore.sdk.dev import sandbox
from gptstore.sdk.dev.sandbox import DevSandbox
from tests.authors.client.command import Gptstore
from tests.authors.dev.project import ASK, body_of, write_asker
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import probe

pytestmark = [
    pytest.mark.landlock,
    pytest.mark.skipif(probe(own_environment()).name == "none", reason="there is no sandbox on this machine"),
]

TRY_ALL = """
import json, socket, subprocess, tempfile
from pathlib import Path
def outcome(do):
    try:
        do()
    except BaseException as error:
        return type(error).__name__
    return "done"
yield json.dumps({{
    "read": outcome(lambda: Path("{secret}").read_text()),
    "write": outcome(lambda: Path("{secret}").write_text("x")),
    "change": outcome(lambda: Path(__file__).write_text("x")),
    "connect": outcome(lambda: socket.create_connection(("127.0.0.1", {port}), 5).close()),
    "program": outcome(lambda: subprocess.run(["true"])),
    "home": outcome(lambda: Path("~/a").expanduser().write_text("x")),
    "temporary": outcome(lambda: tempfile.NamedTemporaryFile().close()),
    "variables": sorted(name for name in os.environ if name.startswith("GPTSTORE_")),
}})
"""
RUN = ("dev", "asker", "--cli", "--model", "answers.txt", "--text", "Hello")


def write_trying(folder: Path, secret: Path, port: int, network: bool) -> None:
    code = body_of(TRY_ALL.format(secret=secret, port=port).strip())
    write_asker(folder, code.replace('slug="ask",', f'slug="ask", network={network},'))


@pytest.mark.parametrize("network", [False, True])
def test_a_tool_reaches_what_a_worker_gives_it_and_nothing_else(
    tmp_path: Path, asker: Path, gptstore: Gptstore, network: bool
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        write_trying(asker, secret, server.getsockname()[1], network)
        done = gptstore.run(*RUN)

    found = json.loads(done.stdout)
    assert secret.read_text() == "secret"
    assert "done" not in {found[way] for way in ("read", "write", "change", "program")}
    assert (found["connect"] == "done") == network
    assert (found["home"], found["temporary"], found["variables"]) == ("done", "done", [])
    assert done.stderr.startswith("The tool runs in a worker's sandbox (")


def test_a_memory_limit_counts_as_in_a_worker(asker: Path, gptstore: Gptstore) -> None:
    code = body_of("yield str(len(bytearray(200_000_000)))").replace('slug="ask",', 'slug="ask", max_memory_mb=100,')
    write_asker(asker, code)

    done = gptstore.run(*RUN)

    assert done.returncode == 1
    assert "It took more memory than there is. (limit_exceeded)" in done.stderr


def test_the_end_of_its_process_is_told_as_it_is(asker: Path, gptstore: Gptstore) -> None:
    write_asker(asker, body_of('yield ""\nos._exit(3)'))

    done = gptstore.run(*RUN)

    assert "The tool did not come to its end: its process ended with status 3. (tool_crashed)" in done.stderr


@pytest.mark.parametrize("flags", [("--no-sandbox", "asker"), ("asker", "--no-sandbox")])
def test_an_author_may_do_without(asker: Path, gptstore: Gptstore, flags: tuple[str, ...]) -> None:
    write_asker(asker, body_of('yield str(os.path.exists("/proc/self/statm"))'))

    done = gptstore.run("dev", *flags, *RUN[2:])

    assert done.stdout == "True"
    assert done.stderr == "The tool runs with your own rights here, not in a worker's sandbox, as you wish.\n"


def test_without_a_workers_packages_the_command_says_so(asker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_asker(asker, ASK)
    monkeypatch.setattr(sandbox, "find_spec", lambda name: None)

    opened = DevSandbox(asker)

    assert opened.plan is None
    assert opened.rights.describe().endswith(
        " with your own rights here, not in a worker's sandbox: a worker's packages are not installed here."
    )
    opened.close()


def test_a_sandbox_that_cannot_be_set_up_is_no_end(asker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MODULE", "worker.process.nowhere")

    opened = DevSandbox(asker)

    assert opened.plan is None
    assert "it can't be set up (" in opened.rights.describe() and "nowhere" in opened.rights.describe()
    opened.close()
