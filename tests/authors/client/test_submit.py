"""`gptstore submit`, against a real store: a bundle larger than any other body, and what is said when it is refused."""

import json
from pathlib import Path

import pytest

from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.review import reject
from harness.rows import make_user
from harness.waiting import wait_until
from tests.authors.bundle_parts import write_small_bundle
from tests.authors.client.command import Gptstore
from tests.releases.hostile_case import Plan, generator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def publisher(gptstore: Gptstore, person: User) -> Gptstore:
    """The command with a key that may submit releases."""
    gptstore.environment["GPTSTORE_API_KEY"] = create_key(person, "CI", submits=True)[1]
    return gptstore


def test_a_bundle_is_sent_and_its_stage_told(publisher: Gptstore, tmp_path: Path) -> None:
    done = publisher.run("submit", str(write_small_bundle(tmp_path / "made")))

    release = json.loads(done.stdout)
    assert (done.returncode, release["plugin"], release["stage"]) == (0, "acme-tool", "submitted")
    assert "acme-tool 1.2.0: submitted, http" in done.stderr
    assert Release.objects.get().sha256 == release["sha256"]


def test_a_large_bundle_arrives(publisher: Gptstore, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    path = Plan(other={"fruit/data.bin": generator("large").randbytes(15_000_000)}).write(tmp_path / "made")
    assert path.stat().st_size > 15_000_000

    done = publisher.run("submit", str(path))

    assert done.returncode == 0, done.stderr
    assert Release.objects.get().size == path.stat().st_size


def test_a_large_body_of_a_key_without_the_right_is_cut_off(gptstore: Gptstore, tmp_path: Path) -> None:
    path = tmp_path / "large.gptx"
    path.write_bytes(bytes(15_000_000))

    done = gptstore.run("submit", str(path))

    assert done.returncode != 0
    assert not Release.objects.exists()


def test_all_that_is_wrong_is_printed_a_line_each(publisher: Gptstore, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    plan = Plan(files={"evil.pth": b"x"}, tool={"slug": "chat"})

    done = publisher.run("submit", str(plan.write(tmp_path / "made")))

    assert done.returncode == 1
    assert "The store refuses the bundle. Problems: 2" in done.stderr
    assert "\n  manifest.json: slug: its tool 'chat' belongs to the plugin gptstore-chat" in done.stderr
    assert "\n  acme_tool-1.2.0-py3-none-any.whl: file: the wheel has evil.pth, which each Python runs" in done.stderr


def test_a_key_without_the_right_says_what_to_do(gptstore: Gptstore, tmp_path: Path) -> None:
    done = gptstore.run("submit", str(write_small_bundle(tmp_path / "made")))

    assert done.returncode == 1
    assert "may not submit releases. Make one that may on your account page" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["missing.gptx"], ["x.gptx", "--platform", "linux-x86_64"], [".", "--platform", "x"]]
)
def test_arguments_that_make_no_sense_are_named(publisher: Gptstore, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "x.gptx").write_bytes(b"x")

    assert publisher.run("submit", *arguments).returncode == 2


def test_it_waits_for_the_decision(publisher: Gptstore, tmp_path: Path) -> None:
    path = write_small_bundle(tmp_path / "made")
    with publisher.start("submit", str(path), "--wait", "90") as process:
        wait_until(Release.objects.exists, "a release", 60)
        Release.objects.update(status=ReleaseStatus.IN_REVIEW)
        reject(Release.objects.get(), make_user("boss"), "It prints a lot.")
        _, said = process.communicate(timeout=90)

    assert process.returncode == 1
    assert "acme-tool 1.2.0: rejected (It prints a lot.)" in said.decode()
