"""A folder with releases, and the wheels that each of them needs."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.worker.hosts.releases.wheels import make_sdk


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_sdk(tmp_path_factory.mktemp("sdk"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """For every user of the machine, as an operator's is."""
    with TemporaryDirectory(prefix="gptstore-releases-") as name:
        Path(name).chmod(0o755)
        (Path(name) / "releases").mkdir()
        yield Path(name)


@pytest.fixture
def place(folder: Path) -> Path:
    return folder / "var" / "environments"
