"""`gptstore login`, `logout` and `servers`: where keys are kept, and where they are never seen."""

import json
import stat
from pathlib import Path

import pytest

from gptstore.sdk.cli.errors import UsageError
from gptstore.sdk.cli.store_address import read_address
from harness.site import Site
from tests.authors.client.command import Gptstore

pytestmark = pytest.mark.django_db(transaction=True)

NO_KEYRING = "keyring.backends.fail.Keyring"
NULL_KEYRING = "keyring.backends.null.Keyring"
FILE_KEYRING = "tests.authors.client.keyring_file.FileKeyring"


@pytest.fixture
def newcomer(tmp_path: Path) -> Gptstore:
    """The command of a person who has a keyring and never logged in."""
    return Gptstore(tmp_path, {"PYTHON_KEYRING_BACKEND": FILE_KEYRING, "TESTS_KEYRING": str(tmp_path / "keyring")})


def test_the_key_goes_from_stdin_to_the_keyring(newcomer: Gptstore, site: Site, key: str) -> None:
    done = newcomer.run("login", "--server", site.url, stdin=f"{key}\n".encode())

    assert (done.returncode, done.stdout) == (0, "")
    assert f"Logged in to {site.url}" in done.stderr and "a keyring of tests" in done.stderr
    assert json.loads((newcomer.folder / "keyring").read_text()) == {f"gptstore {site.url}": key}
    assert newcomer.run("jobs").returncode == 0


def test_the_key_is_typed_unseen(newcomer: Gptstore, site: Site, key: str) -> None:
    with newcomer.terminal("login") as terminal:
        terminal.wait_for("Address of the store:")
        terminal.type(f"{site.url}\n")
        terminal.wait_for("API key")
        terminal.type(f"{key}\n")
        assert terminal.end() == 0

    assert f"Logged in to {site.url}" in terminal.text
    assert key not in terminal.text


def test_a_wrong_key_is_kept_nowhere_and_shown_nowhere(newcomer: Gptstore, site: Site) -> None:
    done = newcomer.run("login", "--server", site.url, stdin=b"gs_wrong\n")

    assert done.returncode == 3
    assert "gs_wrong" not in done.stdout + done.stderr
    assert [path for path in newcomer.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("backend", [NO_KEYRING, NULL_KEYRING])
def test_without_a_keyring_nothing_is_kept_and_the_ways_out_are_named(
    newcomer: Gptstore, site: Site, key: str, backend: str
) -> None:
    done = newcomer.run("login", "--server", site.url, stdin=key.encode(), PYTHON_KEYRING_BACKEND=backend)

    assert done.returncode == 1
    assert "--insecure-storage" in done.stderr and "GPTSTORE_API_KEY" in done.stderr
    assert key not in done.stderr
    assert [path for path in newcomer.folder.rglob("*") if path.is_file()] == []


def test_a_file_keeps_the_key_for_its_owner_alone_when_asked(newcomer: Gptstore, site: Site, key: str) -> None:
    done = newcomer.run("login", "--server", site.url, "--insecure-storage", stdin=key.encode())

    file = newcomer.folder / "config/gptstore/keys.json"
    assert str(file) in done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert newcomer.run("jobs", PYTHON_KEYRING_BACKEND=NO_KEYRING).returncode == 0


def test_a_key_that_moves_into_the_keyring_is_in_no_file(newcomer: Gptstore, site: Site, key: str) -> None:
    newcomer.run("login", "--server", site.url, "--insecure-storage", stdin=key.encode())
    newcomer.run("login", stdin=key.encode())

    assert key not in (newcomer.folder / "config/gptstore/keys.json").read_text()
    assert newcomer.run("jobs").returncode == 0


def test_the_last_login_is_the_default_until_it_is_logged_out(newcomer: Gptstore, site: Site, key: str) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    for server in (site.url, other):
        newcomer.run("login", "--server", server, stdin=key.encode())

    def known() -> dict[str, bool]:
        lines = newcomer.run("servers").stdout.splitlines()
        return {line["url"]: line["default"] for line in map(json.loads, lines)}

    assert known() == {site.url: False, other: True}
    newcomer.run("servers", "--default", site.url)
    assert known() == {site.url: True, other: False}
    assert "/account/" in newcomer.run("logout").stderr
    assert known() == {other: True}
    assert json.loads((newcomer.folder / "keyring").read_text()) == {f"gptstore {other}": key}


def test_without_a_login_it_says_how(newcomer: Gptstore, site: Site) -> None:
    nowhere = newcomer.run("jobs")
    without_key = newcomer.run("jobs", "--server", site.url)

    assert (nowhere.returncode, without_key.returncode) == (2, 3)
    assert "gptstore login --server URL" in nowhere.stderr
    assert f"gptstore login --server {site.url}" in without_key.stderr


def test_the_environment_wins_over_what_is_kept(newcomer: Gptstore, site: Site, key: str) -> None:
    newcomer.run("login", "--server", site.url, stdin=key.encode())

    assert newcomer.run("jobs", GPTSTORE_API_KEY="gs_wrong").returncode == 3
    assert newcomer.run("jobs", GPTSTORE_SERVER="http://127.0.0.1:9").returncode == 3


def test_what_is_no_store_is_named(newcomer: Gptstore, site: Site, key: str) -> None:
    done = newcomer.run("login", "--server", f"{site.url}/docs", stdin=key.encode())

    assert done.returncode == 3
    assert f"There is no store at {site.url}/docs" in done.stderr


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("store.example.org", "https://store.example.org"),
        ("https://Store.Example.org/", "https://store.example.org"),
        ("https://example.org/store/", "https://example.org/store"),
        ("localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_read_as_it_is_meant(text: str, address: str) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "http://", "ftp://example.org", "https://a:b@example.org", "https://example.org:x", "https://e.org/?q"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_address(text)


@pytest.mark.parametrize("text", ["http://store.example.org", "http://10.0.0.1", "http://localhost.example.org"])
def test_a_key_goes_unencrypted_to_this_machine_only(text: str) -> None:
    with pytest.raises(UsageError, match="not encrypted"):
        read_address(text)

    assert read_address(text, allow_http=True) == text
