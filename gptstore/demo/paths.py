"""Where the demo keeps its things: one folder, `var/`."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Place:
    var: Path

    @classmethod
    def from_environment(cls) -> "Place":
        return cls(Path(os.environ.get("GPTSTORE_VAR") or ROOT / "var").absolute())

    @property
    def summary(self) -> Path:
        return self.var / "demo.json"

    @property
    def lock(self) -> Path:
        return self.var / "demo.lock"

    @property
    def secret_key(self) -> Path:
        return self.var / "secret_key"

    @property
    def redis(self) -> Path:
        return self.var / "redis"

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def make(self) -> None:
        for folder in (self.var, self.redis, self.var / "log"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
