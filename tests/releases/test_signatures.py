"""A store's signatures: who is trusted, until when, and what was taken back."""

import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from gptstore.releases.errors import UntrustedRelease
from gptstore.releases.models import Release
from gptstore.releases.signatures import verify
from gptstore.releases.trusted_keys import TrustedKeys
from tests.releases.conftest import Approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(approved: Approved) -> Release:
    return approved("1.0")


def trusted(tmp_path: Path, *lines: str) -> TrustedKeys:
    path = tmp_path / "trusted"
    path.write_text("\n".join(lines))
    return TrustedKeys.read(path)


def key_of(release: Release) -> str:
    assert release.signature
    return str(release.signature["key"])


def test_the_store_trusts_its_own_key(release: Release) -> None:
    verify(release, TrustedKeys.read(settings.ENV.trusted_keys_file))

    assert stat.S_IMODE(settings.ENV.signing_key_file.stat().st_mode) == 0o600


@pytest.mark.parametrize(("name", "value"), [("version", "2.0"), ("sha256", "f" * 64)])
def test_a_signature_is_of_one_release(release: Release, name: str, value: str) -> None:
    setattr(release, name, value)

    with pytest.raises(UntrustedRelease, match="does not fit"):
        verify(release, TrustedKeys.read(settings.ENV.trusted_keys_file))


@pytest.mark.parametrize("change", [{"at": "2020-01-01T00:00:00+00:00"}, {"at": "x"}, {"signature": "AAAA"}])
def test_an_altered_signature_is_refused(release: Release, change: dict[str, str]) -> None:
    release.signature |= change

    with pytest.raises(UntrustedRelease):
        verify(release, TrustedKeys.read(settings.ENV.trusted_keys_file))


def test_a_release_that_nobody_signed_is_refused(release: Release) -> None:
    release.signature = None

    with pytest.raises(UntrustedRelease, match="not signed"):
        verify(release, TrustedKeys.read(settings.ENV.trusted_keys_file))


def test_several_keys_are_trusted_each_until_its_last_day(release: Release, tmp_path: Path) -> None:
    key, today = key_of(release), timezone.now().date()
    other = f"{'A' * 43}="

    verify(release, trusted(tmp_path, "# ours", other, f"{key} not_after={today}  # until today"))
    for lines, said in (
        ([other], "not trusted"),
        ([], "not trusted"),
        ([f"{key} not_after={today - timedelta(1)}"], "last day"),
        ([key, f"revoked {key}"], "key that signed it was revoked"),
        ([key, f"revoked {release.sha256}"], "It was revoked"),
    ):
        with pytest.raises(UntrustedRelease, match=said):
            verify(release, trusted(tmp_path, *lines))


@pytest.mark.parametrize("line", ["a b", "a not_after=soon", "a b c", "revoked"])
def test_a_line_that_makes_no_sense_makes_nothing_trusted(tmp_path: Path, line: str) -> None:
    if line == "revoked":
        assert trusted(tmp_path, line).keys == {"revoked": None}
        return
    with pytest.raises(UntrustedRelease, match="no key"):
        trusted(tmp_path, line)


def test_without_the_file_nothing_is_trusted(tmp_path: Path) -> None:
    with pytest.raises(UntrustedRelease, match="cannot be read"):
        TrustedKeys.read(tmp_path / "nothing")


def test_dates_are_of_the_day_of_signing(tmp_path: Path) -> None:
    keys = trusted(tmp_path, "k not_after=2027-01-31")

    keys.check("k", date(2027, 1, 31), "")
    with pytest.raises(UntrustedRelease):
        keys.check("k", date(2027, 2, 1), "")
