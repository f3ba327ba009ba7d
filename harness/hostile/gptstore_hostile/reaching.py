"""Ways to reach what is not a tool's business. Each returns what it got; being stopped is an OSError."""

import ctypes
import fcntl
import mmap
import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
X86 = os.uname().machine == "x86_64"


def call(x86: int, arm: int, *arguments: object) -> object:
    """Make a system call by its number. Raises OSError."""
    result = libc.syscall(x86 if X86 else arm, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def connect(family: int, kind: int, address: object) -> object:
    with socket.socket(family, kind) as made:
        made.settimeout(2)
        made.connect(address)  # type: ignore[arg-type]
        return made.getsockname()


def read_parents(name: str) -> Callable[[str], object]:
    return lambda worker: Path(f"/proc/{worker}/{name}").read_bytes()[:40]


def link(make: Callable[[str, str], None]) -> Callable[[str], object]:
    def reach(target: str) -> object:
        make(target, "way-out")
        return Path("way-out").read_bytes()[:40]

    return reach


def list_folder(target: str) -> object:
    return os.listdir(target)


def write_beside(target: str) -> object:
    return Path(target).parent.joinpath("was-here").write_text("x")


def make_root_own(_: str) -> object:
    Path("mine").write_text("#!/bin/sh\n")
    os.chmod("mine", 0o4755)  # noqa: S103
    return os.chown("mine", 0, 0) or os.setuid(0) or call(105, 146, 0)


def change_limits(worker: str) -> object:
    """Set the limits of the worker to what they are: a lower one of processor time would end it."""
    return resource.prlimit(int(worker), resource.RLIMIT_CPU, resource.prlimit(int(worker), resource.RLIMIT_CPU))


def change_affinity(worker: str) -> object:
    return os.sched_setaffinity(int(worker), os.sched_getaffinity(int(worker)))


def change_priority(worker: str) -> object:
    return os.setpriority(os.PRIO_PROCESS, int(worker), os.getpriority(os.PRIO_PROCESS, int(worker)))


def change_open_file(_: str) -> object:
    """Change the modes of a file that it may read, to what they are."""
    with Path(__file__).open() as file:
        return os.fchmod(file.fileno(), os.fstat(file.fileno()).st_mode & 0o7777)


def watch(target: str) -> object:
    return call(254, 27, call(294, 26, 0), target.encode(), 0xFFF)


def widen_pipe(_: str) -> object:
    return fcntl.fcntl(os.pipe()[0], fcntl.F_SETPIPE_SZ, 1 << 20)


def widen_socket(_: str) -> object:
    return socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)


def send_datagram(target: str) -> object:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        return ours.sendto(b"was here", target)


def outlive_parent(_: str) -> object:
    if libc.prctl(1, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "it may"


def make_device(_: str) -> object:
    os.mknod("memory", 0o600 | 0o020000, os.makedev(1, 1))
    return Path("memory").read_bytes()


def in_memory_program(_: str) -> object:
    descriptor = os.memfd_create("program")
    os.write(descriptor, b"#!/bin/sh\nid\n")
    os.execv(f"/proc/self/fd/{descriptor}", ["program"])  # noqa: S606


def start_program(_: str) -> object:
    import subprocess

    return subprocess.run(["/bin/sh", "-c", "id"], capture_output=True, check=False).stdout


def descriptors_of_others(_: str) -> object:
    """Find whatever is open here besides its own channel and the standard streams."""
    found = []
    for number in range(3, 256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    if len(found) > 1:
        return found
    raise PermissionError("nothing but its own channel")


def is_there(target: str) -> object:
    return os.access(target, os.F_OK) or denied(f"there is no {target}")


def denied(reason: str) -> object:
    raise PermissionError(reason)


def look_at_root(_: str) -> object:
    """Look for what every Linux has and no host needs."""
    found = [path for path in ("/etc/passwd", "/proc/self", "/sys/kernel", "/boot") if os.path.exists(path)]
    return found or denied("nothing")


DATAGRAM = "datagram to a unix socket"
REACHING: dict[str, Callable[[str], object]] = {
    "read a file": lambda target: Path(target).read_bytes()[:40],
    "read shadow": lambda _: Path("/etc/shadow").read_text()[:40],
    "read passwd": lambda _: Path("/etc/passwd").read_text()[:40],
    "list a folder": list_folder,
    "list the root": lambda _: os.listdir("/"),
    "list homes": lambda _: os.listdir("/root") + os.listdir("/home"),
    "list processes": lambda _: [name for name in os.listdir("/proc") if name.isdigit()],
    "environment of the worker": read_parents("environ"),
    "memory of the worker": read_parents("mem"),
    "memory map of the worker": read_parents("maps"),
    "descriptors of the worker": lambda worker: os.listdir(f"/proc/{worker}/fd"),
    "own parent's environment": lambda _: Path(f"/proc/{os.getppid()}/environ").read_bytes()[:40],
    "look at a file": lambda target: os.stat(target).st_size,
    "look for a file": is_there,
    "look at the root": look_at_root,
    "look at the worker": lambda worker: os.stat(f"/proc/{worker}").st_uid,
    "write beside a file": write_beside,
    "write to /tmp": lambda _: Path("/tmp/gptstore-was-here").write_text("x"),
    "write to its own code": lambda _: Path(__file__).write_text("x"),
    "write to the standard library": lambda _: Path(os.__file__).with_name("was_here.py").write_text("x"),
    "symbolic link": link(os.symlink),
    "hard link": link(os.link),
    "rename out": lambda target: Path("mine").write_text("x") and os.rename("mine", f"{target}.moved"),
    "truncate": lambda target: os.truncate(target, 0),
    "change of modes": lambda target: os.chmod(target, 0o777),  # noqa: S103
    "change of an open file's modes": change_open_file,
    "change of owner": lambda target: os.chown(target, os.getuid(), os.getgid()),
    "change of times": lambda target: os.utime(target, (0, 0)),
    "change of attributes": lambda target: os.setxattr(target, "user.was-here", b"x"),
    "attributes of a file": lambda target: os.listxattr(target),
    "file system of a file": lambda target: os.statvfs(target),
    "watch a file": watch,
    "set-user-id": make_root_own,
    "device file": make_device,
    "TCP": lambda _: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 1)),
    "TCP, version 6": lambda _: connect(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 1)),
    "UDP": lambda _: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 53)),
    "names": lambda _: socket.getaddrinfo("example.org", 80),
    "raw packets": lambda _: connect(socket.AF_INET, socket.SOCK_RAW, ("127.0.0.1", 0)),
    "unix socket": lambda target: connect(socket.AF_UNIX, socket.SOCK_STREAM, target),
    DATAGRAM: send_datagram,
    "abstract socket": lambda target: connect(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{target}"),
    "kernel's messages": lambda _: connect(socket.AF_NETLINK, socket.SOCK_RAW, (0, 0)),
    "signal to the worker": lambda worker: os.kill(int(worker), 0) or "it is there",
    "signal to its host": lambda _: os.kill(os.getppid(), 0) or "it is there",
    "limits of the worker": change_limits,
    "affinity of the worker": change_affinity,
    "scheduler of the worker": lambda worker: os.sched_setscheduler(int(worker), os.SCHED_OTHER, os.sched_param(0)),
    "priority of the worker": change_priority,
    "disk priority of the worker": lambda worker: call(251, 30, 1, int(worker), 0),
    "session of the worker": lambda worker: os.getsid(int(worker)),
    "outlive its host": outlive_parent,
    "ptrace": lambda worker: call(101, 117, 16, int(worker), 0, 0),
    "memory of another process": lambda worker: call(310, 270, int(worker), None, 0, None, 0, 0),
    "descriptor of another process": lambda worker: call(438, 438, 0, 0, 0),
    "user namespace": lambda _: call(272, 97, 0x10000000),
    "mount": lambda _: call(165, 40, b"none", b"/", b"tmpfs", 0, 0),
    "chroot": lambda _: os.chroot("."),
    "keys of the kernel": lambda _: call(250, 219, 0, -3, 0),
    "io_uring": lambda _: call(425, 425, 8, ctypes.create_string_buffer(200)),
    "bpf": lambda _: call(321, 280, 0, None, 0),
    "perf": lambda _: call(298, 241, ctypes.create_string_buffer(200), 0, -1, -1, 0),
    "userfaultfd": lambda _: call(323, 282, 0),
    "shared memory": lambda _: call(29, 194, 77, 4096, 0o1666),
    "memory in a file": lambda _: os.memfd_create("held"),
    "memory in a secret file": lambda _: call(447, 447, 0),
    "memory in /dev/shm": lambda _: Path("/dev/shm/gptstore-was-here").write_text("x"),
    "a message queue": lambda _: call(68, 186, 0, 0o1600),
    "a wider pipe": widen_pipe,
    "a wider socket": widen_socket,
    "fork": lambda _: os.fork(),
    "a program": start_program,
    "a program in memory": in_memory_program,
    "descriptors of others": descriptors_of_others,
    "2 GB": lambda _: len(mmap.mmap(-1, 2 << 30)),
}
