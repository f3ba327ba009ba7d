"""What a tool cannot reach, whatever it tries."""

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.hostile.gptstore_hostile.reaching import DATAGRAM, REACHING
from tests.worker.hosts.sandbox.conftest import Going
from worker.hosts.sandbox.processes import FIRST
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock

LOOKING = {name for name in REACHING if name.startswith("look ")}
OF_THE_WORKER = {name for name in REACHING if "worker" in name} | {"ptrace", "memory of another process"}


@pytest.fixture(scope="module")
def precious() -> Iterator[Path]:
    """Such as a database: a file that the worker can read and write."""
    with tempfile.TemporaryDirectory(prefix="precious-") as folder:
        path = Path(folder) / "precious"
        path.write_text("precious")
        yield path


@pytest.fixture(scope="module")
def listening(precious: Path) -> Iterator[None]:
    """An abstract socket that anybody could connect to."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{precious}")
        server.listen()
        yield


@pytest.mark.parametrize("way", REACHING)
def test_there_is_no_way_out(
    way: str, run: Callable[..., Going], sandbox: Sandbox, worker: str, precious: Path, listening: None
) -> None:
    if way in LOOKING and not sandbox.supervisors[0].config.level.namespaces:
        pytest.skip("without namespaces a tool can look at files, and the level says so")
    before = metadata(precious)
    neighbours = [Going(sandbox, "repeat", text=f"{number} of three") for number in range(3)]
    going = run("reach", way=way, target=worker if way in OF_THE_WORKER else str(precious))
    assert [neighbour.end().port.text for neighbour in neighbours] == ["0 of three ", "1 of three ", "2 of three "]
    assert going.raised is None
    assert going.port.text.startswith("stopped: "), going.port.text
    assert precious.read_text() == "precious"
    assert os.listdir(precious.parent) == ["precious"]
    assert metadata(precious) == before


def metadata(path: Path) -> tuple[object, ...]:
    found = path.stat()
    return found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns, os.listxattr(path)


def test_no_pair_of_sockets_reaches_another_socket(run: Callable[..., Going]) -> None:
    # Given a service that takes datagrams from everybody, such as the system's log
    with tempfile.TemporaryDirectory(prefix="log-") as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        Path(folder).chmod(0o711)
        log.bind(f"{folder}/log")
        Path(folder, "log").chmod(0o777)
        # Then a tool has no socket to send it one
        assert run("reach", way=DATAGRAM, target=f"{folder}/log").port.text == "stopped: PermissionError"
        log.setblocking(False)
        with pytest.raises(BlockingIOError):
            log.recv(100)


def test_the_ways_lead_out_where_there_is_no_sandbox(precious: Path) -> None:
    assert REACHING["read a file"](str(precious)) == b"precious"
    assert REACHING["list the root"]("")
    assert all(REACHING[way](str(precious)) for way in LOOKING - OF_THE_WORKER)
    assert REACHING["environment of the worker"](str(os.getpid()))


@pytest.mark.parametrize("path", ["manage.py", "gptstore/settings.py", "worker/process/tasks.py", "pyproject.toml"])
def test_of_the_store_only_what_a_plugin_may_import_can_be_read(path: str, run: Callable[..., Going]) -> None:
    code = Path(__file__).parents[4]
    assert run("reach", way="read a file", target=str(code / path)).port.text.startswith("stopped: ")
    assert run("reach", way="read a file", target=str(code / "gptstore/sdk/tools.py")).port.text.startswith("OUT: ")


def test_a_tool_sees_no_files_but_its_own(sandbox: Sandbox, run: Callable[..., Going]) -> None:
    """What it finds at the root is a folder only on the way to what it may read."""
    if not sandbox.supervisors[0].config.level.namespaces:
        pytest.skip("without namespaces a tool can look at files, and the level says so")
    walked = run("walk")
    assert walked.raised is None
    seen = walked.port.text.splitlines()
    readable = [*sandbox.supervisors[0].config.readable, str(sandbox.supervisors[0].folder.path)]
    resolved = {os.path.realpath(path) for path in readable}
    strange = [path for path in seen if not any(path.startswith(one) or one.startswith(path) for one in resolved)]
    assert seen
    assert strange == []


def test_a_tool_sees_no_variables_of_the_worker(run: Callable[..., Going], monkeypatch: pytest.MonkeyPatch) -> None:
    going = run("look")
    names = {line.split("=")[0] for line in going.port.text.splitlines()}
    assert names - {"LD_LIBRARY_PATH"} == {"HOME", "LANG", "TMPDIR"}


def test_one_run_leaves_nothing_for_the_next(run: Callable[..., Going]) -> None:
    for secret in ("one", "two", "three"):
        assert run("keep", secret=secret).port.text == "found: []"


def test_a_run_cannot_read_what_another_one_writes(sandbox: object, run: Callable[..., Going]) -> None:
    # Given a run that goes on, with a secret in its scratch
    going = Going(sandbox, "wait", seconds=60)  # type: ignore[arg-type]
    assert going.port.spoke.wait(10)
    folder = Path(going.port.text)
    assert (folder / "secret.txt").read_text() == "a secret"
    # Then another one of the same plugin does not get at it
    assert run("reach", way="read a file", target=f"{folder}/secret.txt").port.text.startswith("stopped: ")
    assert run("reach", way="list a folder", target=str(folder.parent)).port.text.startswith("stopped: ")
    # And nothing of it is left when it has ended
    going.port.stop.set()
    going.end()
    assert not folder.exists()


def test_a_host_of_root_is_a_user_of_its_own(sandbox: Sandbox) -> None:
    supervisor = sandbox.supervisors[0]
    if not supervisor.config.level.own_user:
        pytest.skip("the worker is not root, or cannot have other users; `test_users` says which")
    assert os.stat(f"/proc/{supervisor.host}").st_uid == supervisor.user
    assert supervisor.own_folder.stat().st_uid == supervisor.user
    assert supervisor.folder.path.stat().st_uid == 0
    assert supervisor.user is not None
    assert supervisor.user >= FIRST
