"""The pictures of the page are the store's."""

from pathlib import Path

import pytest

from harness.process import ROOT

OWN = sorted((ROOT / "gptstore/sdk/dev/page/icons").glob("*.svg"))


@pytest.mark.parametrize("picture", OWN, ids=lambda path: path.stem)
def test_a_picture_is_the_stores(picture: Path) -> None:
    web = ROOT / "gptstore/web/templates/web"
    theirs = next(path for path in (web / f"icons/{picture.stem}.html", web / f"{picture.stem}.html") if path.exists())

    assert picture.read_text() == theirs.read_text()
