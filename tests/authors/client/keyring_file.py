"""A keyring for tests: a file, named by the environment. keyring loads it by PYTHON_KEYRING_BACKEND."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class FileKeyring(KeyringBackend):
    priority = 1  # type: ignore[assignment]
    name = "a keyring of tests"

    @property
    def path(self) -> Path:
        return Path(os.environ["TESTS_KEYRING"])

    def read(self) -> dict[str, str]:
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.path.write_text(json.dumps({**self.read(), f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self.read()
        if f"{service} {username}" not in kept:
            raise PasswordDeleteError("it is not there")
        kept.pop(f"{service} {username}")
        self.path.write_text(json.dumps(kept))
