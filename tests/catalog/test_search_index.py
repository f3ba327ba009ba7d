"""The index of search follows the table of tools, whatever changes that."""

from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection, models

from gptstore.catalog.index.full_text import full_text
from gptstore.catalog.index.models import SearchEntry, SearchWord
from gptstore.catalog.index.place import place_in_sql, place_of, tool_at
from gptstore.catalog.models import Category, Tool
from gptstore.catalog.search.check import compare
from gptstore.catalog.search.find import find
from gptstore.catalog.search.levels import Filters
from gptstore.health.doctor import check_search
from harness.rows import make_tool

pytestmark = pytest.mark.django_db


def slugs(query: str, filters: Filters | None = None) -> list[str]:
    found = find(Tool.objects.listed_for(AnonymousUser()), query, filters=filters or Filters())
    return [tool.slug for tool in found.tools]


def test_a_stored_tool_is_found_by_its_new_words_and_no_more_by_the_old() -> None:
    tool = make_tool("shout")
    tool.title = "Whisper"
    tool.save()

    assert slugs("whisper") == ["shout"] == slugs("shout")  # the latter by its slug
    tool.summary = "Says it softly."
    tool.save(update_fields=["summary"])
    assert slugs("softly") == ["shout"]
    assert slugs("louder") == []
    assert compare().agrees


@pytest.mark.parametrize("change", [{"installed": False}, {"enabled": False}, {"visibility": "hidden"}])
def test_a_tool_that_is_switched_off_is_not_found(change: dict[str, object]) -> None:
    make_tool("shout")
    make_tool("shouter")
    Tool.objects.filter(slug="shout").update(**change)

    assert slugs("shout") == ["shouter"]
    assert compare().agrees


def test_an_update_of_many_is_followed() -> None:
    for number in range(3):
        make_tool(f"t{number}", title="Old")
    code = Category.objects.create(slug="programs", title="Programs")

    Tool.objects.filter(title="Old").update(title="Renewed", category=code)

    assert len(slugs("renewed")) == len(slugs("programs")) == len(slugs("", Filters(category="programs"))) == 3
    assert slugs("old") == []
    assert compare().agrees


def test_tools_that_are_made_or_updated_together_are_followed() -> None:
    first = make_tool("shout")
    values = {"input_schema": {}, "version": "1", "plugin": "p", "category": first.category}
    Tool.objects.bulk_create([Tool(slug=f"t{n}", title=f"Number {n}", **values) for n in range(3)])
    assert slugs("number") == ["t2", "t1", "t0"]

    first.title = "Numbered"
    Tool.objects.bulk_update([first], ["title"])
    first.category.tools.filter(slug="t1").update(tags=["odd"])
    assert slugs("numb") == ["t2", "t1", "t0", "shout"]
    assert slugs("odd") == ["t1"]
    assert compare().agrees


def test_a_deleted_tool_leaves_nothing_behind() -> None:
    make_tool("shout")
    Tool.objects.all().delete()

    assert SearchEntry.objects.count() == 0
    assert full_text(connection).delete_strays() == 0
    assert slugs("shout") == []


def test_the_order_follows_the_runs_whoever_counts_them() -> None:
    first, second = make_tool("shout-first"), make_tool("shout-second")
    assert slugs("shout") == ["shout-second", "shout-first"]

    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_tool SET runs = runs + 3, runs_week = runs_week + 3 WHERE id = %s", [first.pk])
    assert slugs("shout") == ["shout-first", "shout-second"]

    Tool.objects.filter(pk=second.pk).update(runs=40_000, runs_week=2)
    assert slugs("shout") == ["shout-first", "shout-second"]
    second.refresh_from_db()
    second.runs_week = 31
    second.save()
    assert slugs("shout") == ["shout-second", "shout-first"]
    assert compare().agrees


@pytest.mark.parametrize("runs", [0, 1, 9, 10, 19, 20, 99, 100, 12_345, 10**18])
def test_the_database_and_python_agree_on_a_place(runs: int) -> None:
    tool = make_tool("shout", runs=runs, runs_week=runs)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {place_in_sql('catalog_tool')} FROM catalog_tool")  # noqa: S608
        (place,) = cursor.fetchone()

    assert place == place_of(runs, runs, tool.pk) == SearchEntry.objects.get().place
    assert tool_at(place) == tool.pk
    assert 0 < place < 2**63


def test_the_trigger_is_made_again_after_a_migration_that_writes_the_table_anew() -> None:
    make_tool("shout")
    break_trigger()

    call_command("migrate", verbosity=0)

    assert full_text(connection).follows_runs()
    Tool.objects.update(runs_week=5)
    assert compare().agrees


def break_texts() -> None:
    models.QuerySet(Tool).update(title="Changed behind its back")


def break_entries() -> None:
    SearchEntry.objects.all().delete()


def break_trigger() -> None:
    on = "" if connection.vendor == "sqlite" else " ON catalog_tool"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER catalog_tool_used{on}")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (break_texts, "1 of 1 that were compared are found by what they were before"),
        (break_entries, "Of 1 tools, 1 are not in the index"),
        (break_trigger, "does not follow the numbers of runs"),
    ],
)
def test_the_doctor_finds_an_index_that_does_not_agree_and_what_it_names_mends_it(damage: object, said: str) -> None:
    make_tool("shout")
    assert check_search().ok
    damage()  # type: ignore[operator]

    found = check_search()
    assert found.level == "fail"
    assert said in found.message
    assert "manage.py rebuild_search" in found.remedy

    progress = StringIO()
    call_command("rebuild_search", stderr=progress, stdout=StringIO())
    assert "1 of 1 tools" in progress.getvalue()
    assert check_search().ok


def test_a_rebuild_forgets_the_words_that_no_tool_has() -> None:
    tool = make_tool("shout", title="Megaphone")
    tool.title = "Loudspeaker"
    tool.save()
    assert SearchWord.objects.filter(word="megaphone").exists()

    call_command("rebuild_search", stderr=StringIO(), stdout=StringIO())

    assert not SearchWord.objects.filter(word="megaphone").exists()
    assert SearchWord.objects.filter(word="loudspeaker").exists()
