"""Restricts the system calls of a process and its children: BPF programs for seccomp (seccomp(2), linux/filter.h).

They forbid calls that no tool needs and that have often been a way out. A forbidden call fails with an error, so that a
library that only tries goes on. Numbers are those of asm/unistd.h.
"""

import errno
import platform
import struct
from collections.abc import Iterable

X86_64, AARCH64 = 0xC000003E, 0xC00000B7

# name: (x86-64, arm64); None where the machine has no such call
CALLS: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429), "open_tree": (428, 428),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268), "clone3": (435, 435),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "quotactl": (179, 60), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "sethostname": (170, 161), "setdomainname": (171, 162),
    "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None), "syslog": (103, 116),
    "lookup_dcookie": (212, 18), "vhangup": (153, 58), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "fanotify_init": (300, 262), "mknod": (133, None), "mknodat": (259, 33),
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159), "setfsuid": (122, 151),
    "setfsgid": (123, 152), "capset": (126, 91), "msgget": (68, 186), "semget": (64, 190), "shmget": (29, 194),
    "mq_open": (240, 180), "socket": (41, 198), "fork": (57, None), "vfork": (58, None), "execve": (59, 221),
    "execveat": (322, 281), "clone": (56, 220),
}  # fmt: skip
PROCESSES = ("fork", "vfork", "execve", "execveat")
AF_INET, AF_INET6 = 2, 10
CLONE_THREAD = 0x00010000
CLONE_NEW = 0x7E020000  # all namespaces
X32 = 0x40000000

LOAD, JUMP_IF, JUMP_IF_ANY, JUMP_IF_NOT_LESS, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16  # places in struct seccomp_data; both machines are little-endian
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000


def machine() -> tuple[int, int] | None:
    """Return the audit number of this machine and its column in CALLS; None when it is another one."""
    return {"x86_64": (X86_64, 0), "aarch64": (AARCH64, 1)}.get(platform.machine())


def program(*, processes: bool = True, network: bool = False) -> bytes:
    """Return the program as the kernel takes it.

    processes: whether it may start other processes. network: whether it may make sockets of the internet's families.
    Raises NotImplementedError on machines whose calls are not known here.
    """
    if (here := machine()) is None:
        raise NotImplementedError(f"system calls of {platform.machine()} are not known")
    audit, column = here
    forbidden = set(CALLS) - {"clone", "clone3"} - set(PROCESSES)
    forbidden |= set() if processes else set(PROCESSES)
    forbidden -= {"socket"} if network else set()
    numbers = sorted(number for name in forbidden if (number := CALLS[name][column]) is not None)
    socket_call = CALLS["socket"][column] if network else None
    return b"".join(write(audit, numbers, (CALLS["clone"][column], CALLS["clone3"][column]), processes, socket_call))


def write(
    audit: int,
    numbers: Iterable[int],
    clone: tuple[int | None, int | None],
    processes: bool,
    socket_call: int | None = None,
) -> list[bytes]:
    """Write the instructions in order. A jump counts the instructions that it leaves out: when true, when false."""
    no = FAIL | errno.EPERM
    lines = [
        one(LOAD, MACHINE), one(JUMP_IF, audit, 1, 0), one(RETURN, KILL),
        one(LOAD, NUMBER), one(JUMP_IF_NOT_LESS, X32, 0, 1), one(RETURN, no),
        one(JUMP_IF, clone[1] or 0, 0, 1), one(RETURN, FAIL | errno.ENOSYS),  # so that the C library takes clone
    ]  # fmt: skip
    for number in numbers:
        lines += [one(JUMP_IF, number, 0, 1), one(RETURN, no)]
    if socket_call is not None:
        lines += [
            one(JUMP_IF, socket_call, 0, 5), one(LOAD, FIRST_ARGUMENT),
            one(JUMP_IF, AF_INET, 1, 0), one(JUMP_IF, AF_INET6, 0, 1), one(RETURN, ALLOW), one(RETURN, no),
        ]  # fmt: skip
    lines += [
        one(JUMP_IF, clone[0] or 0, 1, 0), one(RETURN, ALLOW), one(LOAD, FIRST_ARGUMENT),
        one(JUMP_IF_ANY, CLONE_NEW, 0, 1), one(RETURN, no),
    ]  # fmt: skip
    if not processes:
        lines += [one(JUMP_IF_ANY, CLONE_THREAD, 1, 0), one(RETURN, no)]
    return [*lines, one(RETURN, ALLOW)]


def one(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, when_true, when_false, value)
