"""Django-unfold has no translations of its own: the catalogue has one of each text that its pages may show."""

import re
from pathlib import Path

import pytest
import unfold
from django.test import Client
from django.utils.translation import gettext, override

from gptstore.web.admin.unfold_texts import TEXTS
from harness.rows import make_user

FOLDER = Path(unfold.__file__).parent
USED = ("templates/admin", "templates/unfold", "templates/registration", "contrib/filters")
TEXT = re.compile(r"""\{%-?\s*trans(?:late)?\s+(["'])(.+?)\1\s*[%a]|\b_\(\s*(["'])([^"']+?)\3\s*\)""")


def texts_of_unfold() -> set[str]:
    files = [path for place in USED for kind in ("*.html", "*.py") for path in (FOLDER / place).rglob(kind)]
    files += [FOLDER / name for name in ("admin.py", "forms.py", "widgets.py")]
    return {found[2] or found[4] for path in files for found in TEXT.finditer(path.read_text(encoding="utf-8"))}


def test_its_texts_are_found() -> None:
    assert {"Filters", "Select all rows", "Date from", "Select action"} <= texts_of_unfold()


def test_each_has_a_translation() -> None:
    with override("zh-hans"):
        assert sorted(text for text in texts_of_unfold() if gettext(text) == text) == []


def test_none_is_named_that_it_does_not_have() -> None:
    everything = "\n".join(
        path.read_text(encoding="utf-8") for kind in ("*.html", "*.py") for path in FOLDER.rglob(kind)
    )
    assert [text for text in TEXTS if text not in everything] == []


@pytest.mark.django_db
def test_the_lists_of_the_admin_speak_chinese(client: Client) -> None:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    page = client.get("/admin/catalog/tool/", headers={"Accept-Language": "zh-CN"}).text
    assert "筛选" in page
    assert "Search apps" not in page
