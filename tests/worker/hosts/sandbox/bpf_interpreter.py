"""An interpreter of the classic BPF that seccomp's programs are written in, apart from the code that writes them."""

import errno
import struct
from collections.abc import Sequence

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "i386": 0x40000003}
ACTIONS = {
    0x7FFF0000: "allow",
    0x80000000: "kill",
    0x00050000 | errno.EPERM: "EPERM",
    0x00050000 | errno.ENOSYS: "ENOSYS",
}
MAX_INSTRUCTIONS = 4096


def decide(program: bytes, machine: str, number: int, arguments: Sequence[int] = ()) -> str:
    """Return what the kernel does with a call, by the rules that it checks a program by (kernel/seccomp.c)."""
    return ACTIONS[run(program, seccomp_data(machine, number, arguments))[0]]


def looks_at_arguments(program: bytes, machine: str, number: int) -> bool:
    """Return whether the decision reads more than the machine and the number, so that the kernel can't remember it."""
    return any(place > 4 for place in run(program, seccomp_data(machine, number, ()))[1])


def seccomp_data(machine: str, number: int, arguments: Sequence[int]) -> bytes:
    six = [*arguments, *[0] * 6][:6]
    return struct.pack("<iIQ6Q", struct.unpack("<i", struct.pack("<I", number))[0], AUDIT[machine], 0, *six)


def run(program: bytes, data: bytes) -> tuple[int, list[int]]:
    """Return the program's result and the places that it loaded."""
    instructions = list(struct.iter_unpack("<HBBI", program))
    assert 0 < len(instructions) <= MAX_INSTRUCTIONS
    here, accumulator, loaded = 0, 0, []
    while True:
        code, when_true, when_false, value = instructions[here]
        here += 1
        match code:
            case 0x20:
                assert value % 4 == 0, "the kernel takes whole words only"
                accumulator = struct.unpack_from("<I", data, value)[0]
                loaded.append(value)
            case 0x05:
                here += value
            case 0x15:
                here += when_true if accumulator == value else when_false
            case 0x35:
                here += when_true if accumulator >= value else when_false
            case 0x45:
                here += when_true if accumulator & value else when_false
            case 0x06:
                return value, loaded
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")
