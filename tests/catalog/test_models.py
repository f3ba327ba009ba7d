"""What is listed, and the language of what a tool returns."""

import pytest
from django.db.models import ProtectedError

from gptstore.catalog.models import Tool


@pytest.mark.parametrize(
    ("enabled", "installed", "listed"), [(True, True, True), (False, True, False), (True, False, False)]
)
def test_only_enabled_and_installed_tools_are_listed(echo: Tool, enabled: bool, installed: bool, listed: bool) -> None:
    Tool.objects.update(enabled=enabled, installed=installed)
    echo.refresh_from_db()
    assert echo.is_listed is listed
    assert Tool.objects.listed().filter(slug="echo").exists() is listed


def test_a_tool_has_an_address(echo: Tool) -> None:
    assert echo.get_absolute_url() == "/tools/echo/"


@pytest.mark.parametrize(
    ("language", "language_input", "data", "expected"),
    [
        ("python", "", {}, "python"),
        ("", "lang", {"lang": "rust"}, "rust"),
        ("", "lang", {}, ""),
        ("", "", {"lang": "rust"}, ""),
    ],
)
def test_the_language_of_code_is_fixed_or_comes_from_an_input(
    language: str, language_input: str, data: dict[str, object], expected: str
) -> None:
    assert Tool(language=language, language_input=language_input).output_language(data) == expected


def test_a_category_with_tools_cannot_be_deleted(echo: Tool) -> None:
    with pytest.raises(ProtectedError):
        echo.category.delete()
