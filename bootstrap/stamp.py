"""Remembers for which requirements the environment was last made, so that the next start takes no time."""

import hashlib
import json
import tomllib
from pathlib import Path

from environment import Environment


class Stamp:
    """The file `stamp.json` in the environment: {role: digest of everything that its installation depends on}."""

    def __init__(self, root: Path, environment: Environment, requirements: dict[str, list[Path]]) -> None:
        self._root = root
        self._environment = environment
        self._requirements = requirements
        self._path = environment.folder / "stamp.json"

    def covers(self, role: str) -> bool:
        """Return whether the role is installed as it was made: dev installs everything that demo does."""
        made = self._read()
        if not any(made.get(name) == self._digest(name) for name in (role, "dev")):
            return False
        return not self._environment.replaced(self._requirements[role])

    def write(self, role: str) -> None:
        self._path.write_text(json.dumps({role: self._digest(role)}))

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def _digest(self, role: str) -> str:
        interpreter = self._environment.python.resolve()
        total = hashlib.sha256(f"{self._root}\0{self._environment.folder}\0{interpreter}".encode())
        for path in sorted([*self._root.glob("bootstrap/*.py"), *self._requirements[role]]):
            total.update(str(path).encode() + b"\0" + path.read_bytes())
        own = [self._root / "pyproject.toml", self._root / "gptstore" / "sdk" / "pyproject.toml"]
        for path in [*own, *sorted(self._root.glob("plugins/*/pyproject.toml"))]:
            total.update(str(path).encode() + b"\0" + what_is_installed(path).encode())
        return total.hexdigest()

    def _read(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._path.read_text()))
        except (OSError, ValueError):
            return {}


def what_is_installed(pyproject: Path) -> str:
    """Return the tables that pip and setuptools read: a changed lint rule needs no installation."""
    content = tomllib.loads(pyproject.read_text())
    setuptools = content.get("tool", {}).get("setuptools")
    return json.dumps([content.get("build-system"), content.get("project"), setuptools], sort_keys=True)
