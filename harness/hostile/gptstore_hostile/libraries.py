"""Ordinary uses of Python and of libraries, in a scratch folder. Each raises an error where it does not work."""

import asyncio
import bz2
import concurrent.futures
import ctypes
import decimal
import fcntl
import glob
import gzip
import hashlib
import json
import logging.handlers
import lzma
import mmap
import multiprocessing.dummy
import multiprocessing.pool
import os
import pickle
import platform
import random
import resource
import secrets
import select
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import tarfile
import tempfile
import threading
import time
import uuid
import zipfile
import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def use_threads() -> None:
    found: list[int] = []
    kinds = [threading.Thread, multiprocessing.dummy.Process] * 10
    threads = [kind(target=found.append, args=(number,)) for number, kind in enumerate(kinds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(abs, found)) == 190


async def wait_for_each_other() -> None:
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    _, other = await asyncio.open_connection(sock=theirs)
    other.writelines([b"a ", b"line\n"])
    assert await asyncio.wait_for(reader.readline(), 5) == b"a line\n"
    assert await asyncio.gather(asyncio.to_thread(abs, -1), asyncio.sleep(0.001, 2)) == [1, 2]
    writer.close()
    other.close()


def use_uvloop() -> None:
    import uvloop

    uvloop.run(wait_for_each_other())


def use_descriptors() -> None:
    poll, ready = select.epoll(), os.eventfd(1)
    poll.register(ready, select.EPOLLIN)
    assert poll.poll(1) == [(ready, select.EPOLLIN)]
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    assert os.writev(writing, [b"a", b"b"]) == 2
    assert os.read(reading, 9) == b"ab"
    assert not os.isatty(reading)
    os.dup2(reading, ready)
    os.closerange(reading, writing + 1)


def use_temporary_files() -> None:
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(b"x" * 10_000)
        file.flush()
        Path(folder, "inner").mkdir()
        assert os.path.getsize(file.name) == 10_000
    assert not Path(folder).exists()
    with tempfile.SpooledTemporaryFile(max_size=10) as spooled, tempfile.TemporaryFile() as nameless:
        spooled.write(b"x" * 100)
        nameless.write(b"x" * 100)
        nameless.truncate(10)


def use_files() -> None:
    for name in ("one", "two"):
        Path(name).write_text(name)
    os.replace("one", "three")
    shutil.copyfile("two", "four")
    shutil.move("four", "five")
    Path("five").touch()
    Path("folder/inner").mkdir(parents=True)
    Path("folder/link").symlink_to("inner")
    os.link("two", "folder/hard")
    assert sorted(glob.glob("*e")) == ["five", "three"]
    assert {name for _, folders, files in os.walk("folder") for name in folders + files} == {"inner", "link", "hard"}
    assert os.access("two", os.R_OK)
    shutil.rmtree("folder")
    with Path("two").open("r+b") as file, Path("three").open("r+b") as other:
        os.sendfile(other.fileno(), file.fileno(), 0, 3)
        os.posix_fallocate(file.fileno(), 0, 10_000)
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        os.fsync(file.fileno())
        with mmap.mmap(file.fileno(), 10_000) as mapped:
            mapped[:3] = b"new"
            mapped.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with suppress(OSError):  # not between these file systems
            os.copy_file_range(file.fileno(), other.fileno(), 3)
    assert Path("two").read_bytes()[:3] == b"new"


def use_archives() -> None:
    Path("in").write_text("text")
    with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write("in")
    with tarfile.open("a.tar.gz", "w:gz") as bundled:
        bundled.add("in")
    with zipfile.ZipFile("a.zip") as packed, tarfile.open("a.tar.gz") as bundled:
        packed.extractall("zip")  # noqa: S202
        bundled.extractall("tar", filter="data")
    assert Path("zip/in").read_text() == Path("tar/in").read_text() == "text"
    for kind in (gzip, bz2, lzma):
        assert kind.decompress(kind.compress(b"text")) == b"text"


def use_sqlite() -> None:
    for journal in ("delete", "wal"):
        with sqlite3.connect(f"{journal}.db") as database:
            database.execute(f"PRAGMA journal_mode={journal}")
            database.execute("CREATE TABLE words (word)")
            database.executemany("INSERT INTO words VALUES (?)", [(number,) for number in range(1000)])
            database.commit()
            assert database.execute("SELECT count(*) FROM words").fetchone() == (1000,)


def use_signals() -> None:
    heard: list[int] = []
    for number in (signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM):
        signal.signal(number, lambda given, _: heard.append(given))
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    while not heard:
        time.sleep(0.001)
    signal.raise_signal(signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR2)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    assert heard == [signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM]


def use_ctypes() -> None:
    numbers = (ctypes.c_int * 3)(3, 1, 2)
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    ctypes.CDLL(None).qsort(numbers, 3, 4, kind(lambda one, other: one[0] - other[0]))
    assert list(numbers) == [1, 2, 3]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert pool.submit(find_stack).result() == 0


def find_stack() -> int:
    """Ask for the bounds of this thread's stack, as Rust's threads do: the C library then asks for its affinity too."""
    get = ctypes.CDLL(None).pthread_getattr_np
    get.argtypes = [ctypes.c_ulong, ctypes.c_void_p]
    return get(threading.get_ident(), ctypes.create_string_buffer(1000))


def use_machine() -> None:
    assert os.cpu_count()
    assert os.sched_getaffinity(0)
    assert os.sysconf("SC_PHYS_PAGES") > 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    assert platform.platform()
    assert time.process_time() + time.thread_time() + time.monotonic() > 0


def use_cryptography() -> None:
    for name in sorted(hashlib.algorithms_guaranteed):
        assert hashlib.new(name, b"x").digest_size >= 0
    hashlib.scrypt(b"x", salt=b"x", n=2, r=8, p=1)
    assert len({secrets.token_hex(), str(uuid.uuid4()), str(uuid.uuid1()), str(random.SystemRandom().random())}) == 4
    context = ssl.create_default_context()
    line = context.wrap_bio(ssl.MemoryBIO(), sent := ssl.MemoryBIO(), server_hostname="example.org")
    with suppress(ssl.SSLWantReadError):
        line.do_handshake()
    assert sent.pending


def use_standard_library() -> None:
    assert zoneinfo.ZoneInfo("Europe/Berlin").key
    assert decimal.Decimal(2).sqrt() > 1
    assert pickle.loads(pickle.dumps(json.loads("[1]"))) == [1]  # noqa: S301
    handler = logging.handlers.RotatingFileHandler("log", maxBytes=10, backupCount=2)
    for _ in range(5):
        handler.emit(logging.makeLogRecord({"msg": "a line"}))
    handler.close()
    assert Path("log.2").exists()


def start_program() -> None:
    for start in (lambda: subprocess.run(["/bin/true"]), lambda: os.posix_spawn("/bin/true", ["true"], {}), os.fork):
        try:
            start()
        except PermissionError:
            continue
        raise AssertionError("it started a program")


def use_numpy() -> None:
    import numpy

    square = numpy.random.default_rng(1).random((400, 400))
    assert numpy.allclose(numpy.linalg.inv(square) @ square, numpy.eye(400))
    mapped = numpy.memmap("array", dtype="float32", mode="w+", shape=(100, 100))
    mapped[:] = 1
    mapped.flush()
    numpy.save("saved.npy", square)
    assert numpy.load("saved.npy", mmap_mode="r").shape == (400, 400)


def use_torch() -> None:
    import torch

    square = torch.rand(300, 300)
    assert torch.mm(square, square).shape == (300, 300)
    assert torch.nn.Linear(300, 300)(square).sum().isfinite()


def use_wheels() -> None:
    import filelock
    import jinja2
    import lxml.html
    import regex
    import yaml
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    assert lxml.html.fromstring("<p>a<b>b</b></p>").text_content() == "ab"
    assert jinja2.Template("{{ a }}").render(a=1) == "1"
    assert regex.fullmatch(r"\p{L}+", "é")
    assert yaml.safe_load("a: [1]") == {"a": [1]}
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(["a few words of a text"] * 1000, trainers.BpeTrainer(vocab_size=50))
    assert tokenizer.encode_batch(["a few words"] * 1000)[0].ids
    with filelock.FileLock("lock"):
        assert Path("lock").exists()


LIBRARIES: dict[str, Callable[[], object]] = {
    "threads": use_threads,
    "asyncio": lambda: asyncio.run(wait_for_each_other()),
    "uvloop": use_uvloop,
    "descriptors": use_descriptors,
    "temporary files": use_temporary_files,
    "files": use_files,
    "archives": use_archives,
    "sqlite": use_sqlite,
    "signals": use_signals,
    "ctypes": use_ctypes,
    "the machine": use_machine,
    "cryptography": use_cryptography,
    "the standard library": use_standard_library,
    "no programs": start_program,
    "numpy": use_numpy,
    "torch": use_torch,
    "wheels": use_wheels,
}


def on_own_file(change: Callable[[Path], object]) -> Callable[[], object]:
    def use() -> object:
        (own := Path("own")).write_text("x")
        return change(own)

    return use


UNSUPPORTED: dict[str, Callable[[], object]] = {
    "os.fork": os.fork,
    "os.chmod": on_own_file(lambda own: own.chmod(0o600)),
    "os.utime": on_own_file(lambda own: os.utime(own)),
    "os.setxattr": on_own_file(lambda own: os.setxattr(own, "user.name", b"x")),
    "os.truncate": on_own_file(lambda own: os.truncate(own, 0)),
    "os.memfd_create": lambda: os.memfd_create("name"),
    "os.nice": lambda: os.nice(1),
    "os.sched_setaffinity": lambda: os.sched_setaffinity(0, [0]),
    "shutil.copy": on_own_file(lambda own: shutil.copy(own, "copy")),
    "shutil.copy2": on_own_file(lambda own: shutil.copy2(own, "copy")),
    "shutil.disk_usage": on_own_file(shutil.disk_usage),
    "multiprocessing.pool.ThreadPool": lambda: multiprocessing.pool.ThreadPool(1),
    "socket.create_server": lambda: socket.create_server(("127.0.0.1", 0)),
}
"""Ordinary uses that the sandbox refuses with an OSError."""


def fetch(url: str) -> None:
    """Fetch a page over the network, with each of the usual libraries."""
    import urllib.request

    import httpx
    import requests

    assert urllib.request.urlopen(url, timeout=5).read() == b"hello"  # noqa: S310
    assert requests.get(url, timeout=5).text == httpx.get(url, timeout=5).text == "hello"
    assert asyncio.run(fetch_async(url)) == ["hello"] * 5


async def fetch_async(url: str) -> list[str]:
    import httpx

    async with httpx.AsyncClient(timeout=5) as client:
        return [answer.text for answer in await asyncio.gather(*[client.get(url) for _ in range(5)])]
