"""The policy of a host process: its rights, as plain data that its launcher reads."""

import json
from dataclasses import asdict, dataclass, field
from typing import Self


@dataclass(frozen=True)
class Policy:
    """A process's rights. read: paths to read, and run programs of. write: folders to change. listed: paths to list.

    memory, file_size: bytes of one process, of one file.
    network: whether it may open connections. namespaces, landlock, seccomp: whether the machine has them.
    user: the one to become, where the worker is root.
    """

    read: list[str]
    write: list[str]
    listed: list[str] = field(default_factory=list)
    memory: int = 1 << 30
    file_size: int = 100_000_000
    open_files: int = 256
    network: bool = False
    namespaces: bool = False
    landlock: bool = True
    seccomp: bool = True
    user: int | None = None
    variables: dict[str, str] = field(default_factory=dict)

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> Self:
        return cls(**json.loads(text))
