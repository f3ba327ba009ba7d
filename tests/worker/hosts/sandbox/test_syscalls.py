"""Every system call of the machines that the sandbox knows: what its programs decide, and what the kernel then does."""

import json
import platform
import subprocess
import sys

import pytest

from gptstore.sdk.host.control import LONGEST, Fork
from gptstore.sdk.host.messages import encode
from tests.worker.hosts.sandbox import call_decisions as expected
from tests.worker.hosts.sandbox.bpf_interpreter import decide, looks_at_arguments
from worker.hosts.sandbox import syscall_numbers
from worker.hosts.sandbox.environment import ROOT, launcher_variables
from worker.hosts.sandbox.seccomp import program

NUMBERS = {"x86_64": syscall_numbers.X86_64, "aarch64": syscall_numbers.AARCH64}
KINDS = {
    f"{'host' if processes else 'child'} {'with' if network else 'without'} network": (processes, network)
    for processes in (True, False)
    for network in (True, False)
}
X32 = 0x40000000
TRAMPOLINES = {"uprobe", "uretprobe"}
"""The kernel makes these itself, through every filter, and ends a process that makes one."""

machines = pytest.mark.parametrize("machine", NUMBERS)
kinds = pytest.mark.parametrize(("processes", "network"), KINDS.values(), ids=KINDS)


def cases(processes: bool, network: bool) -> dict[str, list[tuple[list[int], str]]]:
    host = expected.HOST_CASES if processes else {}
    return expected.CASES | host | (expected.NETWORK_CASES if network else {})


def allowed(processes: bool, network: bool) -> set[str]:
    names = [expected.ALLOWED, expected.ONLY_HOST if processes else [], expected.ONLY_NETWORK if network else []]
    return {name for some in names for name in some}


def test_every_name_is_on_one_list() -> None:
    lists = [expected.ALLOWED, expected.ONLY_HOST, expected.ONLY_NETWORK, expected.NOT_PERMITTED, expected.ABSENT]
    names = [name for some in lists for name in some]
    both = {"kill", "tgkill"}  # all processes from a host, its own from a child
    assert sorted([*names, *(expected.CASES.keys() - both)]) == sorted(NUMBERS["x86_64"] | NUMBERS["aarch64"])


@kinds
@machines
def test_each_number_is_decided_as_listed(machine: str, processes: bool, network: bool) -> None:
    written = program(processes=processes, network=network, machine=machine)
    names = {number: name for name, number in NUMBERS[machine].items()}
    assert len(names) == len(NUMBERS[machine])
    checked, free = cases(processes, network), allowed(processes, network)
    for number in [*range(700), *range(X32, X32 + 700), 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]:
        name = names.get(number, "")
        for arguments, decision in checked.get(name, [([], decision_of(name, number, free))]):
            assert decide(written, machine, number, arguments) == decision, (name, number, arguments)


def decision_of(name: str, number: int, free: set[str]) -> str:
    if name in free:
        return "allow"
    return "EPERM" if name and number < 424 else "ENOSYS"


@kinds
@machines
def test_an_argument_counts_by_the_half_of_it_that_the_kernel_reads(
    machine: str, processes: bool, network: bool
) -> None:
    written = program(processes=processes, network=network, machine=machine)
    for name, given in cases(processes, network).items():
        for arguments, decision in given:
            upper = [argument | 0xABCD << 32 for argument in arguments]
            assert decide(written, machine, NUMBERS[machine][name], upper) == decision, (name, arguments)


@kinds
@machines
def test_a_program_of_another_machine_is_ended(machine: str, processes: bool, network: bool) -> None:
    written = program(processes=processes, network=network, machine=machine)
    for other in {"x86_64", "aarch64", "i386"} - {machine}:
        assert {decide(written, other, number) for number in range(700)} == {"kill"}


@kinds
@machines
def test_the_kernel_can_remember_what_is_always_allowed(machine: str, processes: bool, network: bool) -> None:
    written = program(processes=processes, network=network, machine=machine)
    for name in allowed(processes, network) - cases(processes, network).keys():
        if (number := NUMBERS[machine].get(name)) is not None:
            assert not looks_at_arguments(written, machine, number), name


@kinds
@machines
def test_a_program_fits_into_the_order_to_fork(machine: str, processes: bool, network: bool) -> None:
    seal = program(processes=processes, network=network, machine=machine).hex()
    assert len(encode(Fork(number=10**9, scratch="/" * 4096, seal=seal))) < LONGEST / 2


def test_a_machine_that_is_not_known_has_no_program() -> None:
    with pytest.raises(NotImplementedError, match="riscv64"):
        program(machine="riscv64")


TRY = """
import ctypes, errno, json, os, sys
from gptstore.sdk.host import seal
from worker.hosts.sandbox import capabilities
capabilities.drop_all()
seal.allow_no_new_privileges()
numbers, *programs = json.loads(sys.stdin.read())
for one in programs:
    seal.restrict_calls(bytes.fromhex(one))
libc, parent, found = ctypes.CDLL(None, use_errno=True), os.getpid(), {}
for number in numbers:
    result = libc.syscall(number, 0, 0, 0, 0, 0, 0)
    if os.getpid() != parent:
        os._exit(1)
    found[number] = errno.errorcode.get(ctypes.get_errno()) if result == -1 else "succeeded"
print(json.dumps(found))
"""


@pytest.mark.landlock
@pytest.mark.parametrize("processes", [True, False], ids=["host", "child"])
def test_the_kernel_refuses_each_call_that_is_not_listed(processes: bool) -> None:
    # Given a process that has installed the programs of a host, or those of a job's child
    programs = [program().hex()] if processes else [program().hex(), program(processes=False).hex()]
    numbers = NUMBERS[platform.machine()]
    refused = {*expected.NOT_PERMITTED, *expected.ABSENT, "socket"} | (set() if processes else {*expected.ONLY_HOST})
    wanted = {
        numbers[name]: decision_of(name, numbers[name], set()) for name in (refused - TRAMPOLINES) & numbers.keys()
    }
    wanted |= {number: "ENOSYS" for number in (*range(424, 700), X32) if number not in numbers.values()}
    # When it makes each call that is not for it
    done = subprocess.run(
        [sys.executable, "-c", TRY],
        input=json.dumps([[*wanted], *programs]),
        cwd=ROOT,
        env=launcher_variables(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    # Then each fails
    assert done.returncode == 0, done.stderr
    assert {int(number): error for number, error in json.loads(done.stdout).items()} == wanted
