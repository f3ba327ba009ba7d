import ctypes
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gptstore.sdk import Context, hookimpl, tool
from gptstore_hostile.greedy import take
from gptstore_hostile.neighbour import repeat
from gptstore_hostile.reaching import REACHING

kept: list[str] = []


@tool
def reach(ctx: Context, way: str, target: str = "") -> str:
    """Try one way out."""
    try:
        got = REACHING[way](target)
    except (OSError, MemoryError) as error:
        return f"stopped: {type(error).__name__}"
    return f"OUT: {got!r}"


@tool
def walk(ctx: Context) -> str:
    """Name all that can be looked at, by trying the names that its environment and the system's folders suggest."""
    names = [
        "etc",
        "proc",
        "sys",
        "root",
        "home",
        "tmp",
        "var",
        "usr",
        "opt",
        "run",
        "srv",
        "mnt",
        "boot",
        "work",
        "dev",
    ]
    names += [part for path in (*sys.path, os.__file__, os.getcwd()) for part in path.split("/") if part]
    found, folders = [], ["/"]
    while folders:
        folder = folders.pop()
        paths = [os.path.join(folder, name) for name in dict.fromkeys(names)]
        there = [path for path in paths if os.path.lexists(path) and not os.path.islink(path)]
        found += there
        folders += [path for path in there if os.path.isdir(path) and path.count("/") < 4]
    return "\n".join(found)


@tool
def harm(ctx: Context, how: str) -> Iterator[str]:
    """Harm itself, in the hope that others are hurt."""
    yield "before "
    match how:
        case "segfault":
            ctypes.string_at(0)
        case "exit":
            os._exit(0)
        case "sys.exit":
            sys.exit(3)
        case "kill itself":
            os.kill(os.getpid(), signal.SIGKILL)
        case "endless loop":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                pass
        case "sleep":
            time.sleep(3600)
        case "close all descriptors":
            os.closerange(0, 256)
        case "nonsense":
            for number in range(3, 256):
                try:
                    os.write(number, b"\xff" * 100)
                except OSError:
                    continue
            time.sleep(3600)
        case "endless chatter":
            while True:
                yield "x"
        case "large file":
            with Path("large").open("wb") as file:
                while True:
                    file.write(bytes(10_000_000))
        case "many files":
            held = []
            for number in range(10_000):
                held.append(Path(f"{number}").open("w"))  # noqa: SIM115
        case "fork bomb":
            while True:
                os.fork()
        case "thread that stays":
            threading.Thread(target=time.sleep, args=(3600,)).start()
        case "more rights":
            resource.setrlimit(resource.RLIMIT_AS, (-1, -1))


@tool
def keep(ctx: Context, secret: str) -> str:
    """Leave something for the next run, and report what others left."""
    found = [*kept, *(path.read_text() for path in sorted(Path().rglob("*.txt")))]
    for folder in (Path(), Path(os.environ["TMPDIR"]), Path("..")):
        try:
            found += [path.read_text() for path in sorted(folder.glob("*/*.txt"))]
            (folder / "left.txt").write_text(secret)
        except OSError:
            continue
    kept.append(secret)
    os.environ["LEFT"] = secret
    return f"found: {found}"


@tool
def look(ctx: Context) -> str:
    """Report what it sees of its surroundings."""
    return "\n".join(f"{name}={value}" for name, value in sorted(os.environ.items()))


@tool
def wait(ctx: Context, seconds: float) -> Iterator[str]:
    """Write down a secret and stay for a while."""
    Path("secret.txt").write_text("a secret")
    yield str(Path.cwd())
    time.sleep(seconds)


@tool
def through(ctx: Context, text: str) -> Iterator[str]:
    """Pass the model's text through."""
    yield "<"
    yield from ctx.model.stream(text)
    yield ">"


@tool
def weigh(ctx: Context, text: str, count: int, times: int = 1) -> Iterator[str]:
    """Let the model's words through, many times read as a whole, and say what the last whole answer was weighed."""
    yield from ctx.model.stream(text, logprobs=count)
    for answer in ctx.model.map([text] * times, logprobs=count):
        yield answer
    yield f"[{len(answer.logprobs)} tokens, {sum(one.logprob for one in answer.logprobs)}]"


@tool
def ponder(ctx: Context, text: str) -> Iterator[str]:
    """Show the model's thoughts about a text, and its answers."""
    whole, pieces = ctx.model.complete(text, thinking=True), ctx.model.stream(text, thinking=True)
    yield f"[{whole.thoughts}] {whole}"
    yield from pieces
    yield f"[{pieces.thoughts}]"


@tool
def speak(ctx: Context, messages: list[str]) -> str:
    """Send the worker messages of its own, instead of the SDK's."""
    channel = ctx.port.channel.socket
    for message in messages:
        data = message.encode()
        channel.sendall(len(data).to_bytes(4, "big") + data)
    time.sleep(3600)
    return "never said"


@tool
def announce(ctx: Context, length: int) -> str:
    """Announce a message's length, and then send nothing."""
    ctx.port.channel.socket.sendall(length.to_bytes(4, "big"))
    time.sleep(3600)
    return "never said"


@tool
def cry(ctx: Context, line: str, times: int) -> str:
    """Write to stderr again and again, and try to truncate what is behind it."""
    for _ in range(times):
        os.write(2, line.encode())
    try:
        os.ftruncate(2, 0)
    except OSError as error:
        return f"cried: {type(error).__name__}"
    return "truncated"


@tool
def chorus(ctx: Context, texts: list[str]) -> str:
    """Ask the model many things at the same time."""
    with ThreadPoolExecutor(len(texts)) as threads:
        return "".join(threads.map(ctx.model.complete, texts))


@tool
def use(ctx: Context, name: str) -> str:
    """Use a library as many tools do."""
    from gptstore_hostile.libraries import LIBRARIES, UNSUPPORTED

    (LIBRARIES | UNSUPPORTED)[name]()
    return "it works"


@tool(network=True)
def download(ctx: Context, url: str) -> str:
    """Fetch a page."""
    from gptstore_hostile.libraries import fetch

    fetch(url)
    return "it works"


@tool(network=True)
def call(ctx: Context, way: str, host: str, port: int) -> str:
    """Use the network, for which it asks."""
    families = {"TCP": socket.AF_INET, "TCP, version 6": socket.AF_INET6, "unix": socket.AF_UNIX}
    try:
        match way:
            case "names":
                return str(socket.getaddrinfo(host, port)[0][4][0])
            case "listen":
                socket.create_server((host, port))
                return "listens"
            case "raw":
                socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
                return "raw"
        with socket.socket(families[way]) as line:
            line.connect(host.replace("@", "\0") if way == "unix" else (host, port))  # @: an abstract socket
            return line.recv(100).decode()
    except OSError as error:
        return f"stopped: {type(error).__name__}"


@hookimpl
def gptstore_tools() -> list[object]:
    tools = [reach, walk, harm, keep, look, wait, repeat, through, weigh, ponder, speak, announce, cry, take, chorus]
    return [*tools, use, download, call]
