"""A hostile bundle is refused by one precise line for each fault: nothing is stored, nothing is written elsewhere."""

import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.releases.errors import BundleRefused
from gptstore.releases.models import Plugin, Release
from gptstore.releases.submit import submit
from harness.rows import make_tool
from tests.authors.bundle_parts import files_of
from tests.releases import hostile_archives, hostile_manifests, hostile_wheels
from tests.releases.hostile_case import SEED, Case, Plan

pytestmark = pytest.mark.django_db
BUNDLE = Plan().write(Path(mkdtemp(prefix="gptstore-tests-")))
FILES = files_of(BUNDLE)
CASES = [*hostile_archives.cases(FILES), *hostile_wheels.cases(BUNDLE), *hostile_manifests.cases(BUNDLE)]
MUTATED = int(os.environ.get("GPTSTORE_MUTATED_BUNDLES", "300"))
"""How many bundles with random changes are submitted: always the same ones. See CONTRIBUTING.md."""

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {"os.mkdir", "os.rename", "os.symlink", "os.link", "os.remove", "os.rmdir", "os.chmod", "subprocess.Popen"}
watched: list[str] | None = None


def note_write(event: str, arguments: tuple[Any, ...]) -> None:
    """Note what the code under test writes, runs or removes. Such a hook can't be taken out again."""
    if watched is not None and (event in CHANGES or (event == "open" and is_write(arguments))):
        watched.append(f"{event} {arguments}")


def is_write(arguments: tuple[Any, ...]) -> bool:
    return isinstance(arguments[2], int) and bool(arguments[2] & WRITES)


sys.addaudithook(note_write)


@contextmanager
def watching() -> Iterator[list[str]]:
    global watched
    watched = noted = []
    try:
        yield noted
    finally:
        watched = None


@pytest.fixture
def full_store(ada: User, bob: User, tmp_path: Path) -> None:
    """Give the store a tool of an installed plugin, one that waits, and two versions of ada's plugin."""
    make_tool("weather-report", plugin="bobs-weather")
    waiting = Plan(name="bobs-tides", tool={"slug": "tide-tables", "title": "Tide tables"}, entry_points=ENTRY)
    for plan, by in ((waiting, bob), (Plan(version="1.0"), ada), (Plan(version="2.0rc1"), ada)):
        submit(plan.write(fresh(tmp_path)), by)


ENTRY = "[gptstore]\ntool = acme_tool\n"


def fresh(folder: Path) -> Path:
    return Path(mkdtemp(dir=folder))


def rows() -> tuple[int, int, int]:
    return Plugin.objects.count(), Release.objects.count(), AuditEvent.objects.count()


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_there_are_many_cases_of_many_kinds() -> None:
    assert len(CASES) >= 300 and len({case.kind for case in CASES}) >= 20
    assert max(Counter((case.kind, case.name) for case in CASES).values()) == 1


def test_the_bundle_without_a_trick_is_taken(full_store: None, ada: User) -> None:
    assert str(submit(BUNDLE, ada)) == "acme-tool 1.2.0"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.name}"[:80])
def test_it_is_refused(case: Case, full_store: None, ada: User, tmp_path: Path) -> None:
    path = case.write(fresh(tmp_path))
    before = files_below(tmp_path), rows()

    with watching() as written, pytest.raises(BundleRefused) as caught:
        submit(path, ada)

    problems = caught.value.problems
    assert problems and all(len(str(problem).splitlines()) == 1 for problem in problems)
    assert all(problem.mend and problem.message and str(problem).isprintable() for problem in problems), problems
    assert any(re.search(case.sentence, str(problem)) for problem in problems), problems
    assert (files_below(tmp_path), rows()) == before
    assert written == []


def test_a_version_that_does_not_suit_is_told_with_all_who_ask(full_store: None, ada: User, tmp_path: Path) -> None:
    plan = Plan(requires=("fruit>=9", "gptstore-sdk"))

    with pytest.raises(BundleRefused) as caught:
        submit(plan.write(fresh(tmp_path)), ada)

    needs = [problem.needs for problem in caught.value.problems if problem.needs]
    assert needs and {*needs} == {((">=9", "acme-tool 1.2.0"), ("1.5", "the bundle"))}


def test_all_that_is_wrong_is_told_at_once(full_store: None, ada: User, tmp_path: Path) -> None:
    plan = Plan(
        version="1.0.0",
        files={"evil.pth": b"x", "sitecustomize.py": b""},
        tool={"slug": "chat", "network": True, "title": "Summarizer"},
        header={"platforms": ["windows-x86_64-cp311"]},
        requires=("fruit>=9", "django<5"),
    )

    with pytest.raises(BundleRefused) as caught:
        submit(plan.write(fresh(tmp_path)), ada)

    rules = {problem.rule for problem in caught.value.problems}
    assert rules >= {"version", "file", "slug", "network", "platform", "dependency", "dependency-clash"}


def test_bundles_with_random_changes_are_refused(full_store: None, ada: User, tmp_path: Path) -> None:
    """Whatever bytes are changed, moved, doubled or cut: the archive has one form, and checksums cover the rest."""
    chosen, content = random.Random(SEED), BUNDLE.read_bytes()
    path = tmp_path / "mutated.gptx"
    for number in range(MUTATED):
        path.write_bytes(mutated(content, chosen))
        with watching() as written, pytest.raises(BundleRefused) as caught:
            submit(path, ada)
        assert len(caught.value.problems) == 1 and str(caught.value).isprintable(), number
        assert written == [], number
    assert rows()[1] == 3


def mutated(content: bytes, chosen: random.Random) -> bytes:
    """Return other bytes than these: one to four changes of a part of them."""
    changed = bytearray(content)
    while bytes(changed) == content:
        for _ in range(chosen.randint(1, 4)):
            place, length = chosen.randrange(len(changed)), chosen.choice((1, 2, 4, 16, 200))
            part = bytes(changed[place : place + length])
            match chosen.randrange(6):
                case 0:
                    changed[place : place + length] = chosen.randbytes(len(part))
                case 1:
                    changed[place : place + length] = b""
                case 2:
                    changed[place:place] = part
                case 3:
                    changed[place : place + length] = bytes(len(part))
                case 4:
                    changed[place : place + length] = b"\xff" * len(part)
                case _:
                    other = chosen.randrange(len(changed))
                    changed[place : place + length] = changed[other : other + length]
            changed = changed or bytearray(b"\0")
    return bytes(changed)
