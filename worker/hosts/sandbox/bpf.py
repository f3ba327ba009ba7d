"""Writes decisions about a system call as a program of classic BPF, which seccomp runs at each call (linux/filter.h).

The kernel asks a program once about each number, and remembers those that it always allows (Linux 5.11): only calls
whose arguments are looked at cost something.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

NUMBER, MACHINE = 0, 4  # places in struct seccomp_data; both machines that are known here are little-endian
LOAD, JUMP, RETURN = 0x20, 0x05, 0x06
CODES = {"==": 0x15, ">=": 0x35, "&": 0x45}
MAX_DISTANCE = 250
"""The longest jump of a comparison is 255 instructions. Some are kept in reserve, since two jumps may need one more."""


@dataclass(frozen=True)
class Return:
    """An end. action: what the kernel does then, such as to allow the call."""

    action: int


@dataclass(frozen=True)
class Compare:
    """A comparison of one word of `struct seccomp_data` with a value. then, otherwise: how it goes on."""

    place: int
    operator: Literal["==", ">=", "&"]
    value: int
    then: "Decision"
    otherwise: "Decision"


Decision = Return | Compare


def argument(index: int) -> int:
    """Return the place of an argument's lower half: all that the kernel reads of an argument that is an int."""
    return 16 + 8 * index


def search(ranges: Sequence[tuple[int, Decision]]) -> Decision:
    """Decide by the number of the call. ranges: in order, the first number of each and its decision."""
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    return Compare(NUMBER, ">=", ranges[middle][0], search(ranges[middle:]), search(ranges[:middle]))


def assemble(decision: Decision) -> bytes:
    """Return the program as the kernel takes it."""
    program = Program()
    program.write(decision, None)
    return b"".join(reversed(program.backwards))


class Program:
    """A program, written from its end: jumps lead forward only, to what is written already.

    A decision that several comparisons lead to is written once.
    """

    def __init__(self) -> None:
        self.backwards: list[bytes] = []
        self.written: dict[tuple[Decision, bool], int] = {}

    def write(self, decision: Decision, loaded: int | None) -> int:
        """Return how far from the end the decision begins. loaded: the place whose word the accumulator has by then."""
        is_loaded = isinstance(decision, Return) or decision.place == loaded
        if (decision, is_loaded) not in self.written:
            match decision:
                case Return(action):
                    self.add(RETURN, action)
                case Compare(place) if not is_loaded:
                    self.approach(self.write(decision, place), 0)
                    self.add(LOAD, place)
                case Compare():
                    self.compare(decision)
            self.written[decision, is_loaded] = len(self.backwards)
        return self.written[decision, is_loaded]

    def compare(self, decision: Compare) -> None:
        then, otherwise = (self.write(one, decision.place) for one in (decision.then, decision.otherwise))
        then = self.approach(then, MAX_DISTANCE)
        otherwise = self.approach(otherwise, MAX_DISTANCE)
        here = len(self.backwards)
        self.add(CODES[decision.operator], decision.value, here - then, here - otherwise)

    def approach(self, target: int, distance: int) -> int:
        """Return a place from which the program goes on at the target, and that is no farther away than this."""
        if len(self.backwards) - target > distance:
            self.add(JUMP, len(self.backwards) - target)
            return len(self.backwards)
        return target

    def add(self, code: int, value: int, then: int = 0, otherwise: int = 0) -> None:
        """Add an instruction. then, otherwise: how many instructions a comparison leaves out."""
        self.backwards.append(struct.pack("<HBBI", code, then, otherwise, value))
