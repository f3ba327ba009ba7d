"""docs/operating.md, "Moving releases between stores": two stores with databases of their own run its commands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.process import ROOT
from harness.site import Site
from tests.authors.bundle_parts import write_small_bundle
from tests.docs.page_walk import Reader, read_steps

PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n### Moving releases between stores\n")[2].partition("\n### ")[0]
BLOCKS = re.findall(r'^```console store="(\w+)"\n.*?^```$', SECTION, flags=re.DOTALL | re.MULTILINE)
MAINLAND = """
from pathlib import Path
from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.releases.deploy import activate, deploy
from gptstore.releases.models import Release
from gptstore.releases.review import approve
from gptstore.releases.submit import submit
ada = User.objects.get(username="ada")
release = submit(Path({bundle!r}), ada)
Release.objects.update(status="in_review")
release = approve(release, ada)
activate(deploy(release, ada))
Tool.objects.update(enabled=False)
"""


@pytest.fixture
def readers(tmp_path: Path) -> dict[str, Reader]:
    """A reader for each store: they sit in one folder, as if the file had been carried from one to the other."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "manage.py"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "manage.py"}" "$@"\n')
    program.chmod(0o755)
    found = {}
    for name, person in (("mainland", "ada"), ("island", "eve")):
        folder = tmp_path / name
        folder.mkdir()
        own = {"trusted_keys": str(tmp_path / "trusted-keys")} if name == "island" else {}
        site = Site(folder, "unix:///nowhere/redis.sock?db=0", **own)
        site.manage("migrate", "--noinput")
        site.add_user(person, "correct horse", admin=True)
        path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
        found[name] = Reader(tmp_path, {**site.environment, "PATH": path, "HOME": str(tmp_path)})
        if name == "mainland":
            bundle = write_small_bundle(tmp_path / "made")
            site.manage("shell", "-c", MAINLAND.format(bundle=str(bundle)))
            shutil.copy(folder / "store.key.pub", tmp_path / "mainland.key.pub")
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_release_and_a_store_go_to_an_island(readers: dict[str, Reader]) -> None:
    assert BLOCKS == ["mainland", "island"]
    for block in re.finditer(r'^```console store="(\w+)"\n.*?^```$', SECTION, flags=re.DOTALL | re.MULTILINE):
        for step in read_steps(block[0]):
            readers[block[1]].follow(step)

    shown = subprocess.run(
        [sys.executable, ROOT / "manage.py", "shell", "-v0", "-c", SHOW],
        env=readers["island"].environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert shown.stdout.split() == ["1.2.0", "approved", "rolling_out", "False", "False"]


SHOW = """
from gptstore.catalog.models import Tool
from gptstore.releases.models import Deployment
one, tool = Deployment.objects.get(), Tool.objects.get()
print(one.release.version, one.release.status, one.state, tool.enabled, tool.installed)
"""
