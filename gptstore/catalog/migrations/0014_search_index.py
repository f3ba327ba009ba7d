import django.db.models.deletion
from django.db import migrations, models

from gptstore.catalog.search.full_text import full_text
from gptstore.catalog.search.index import index_tools


def create(apps, schema_editor):
    for statement in full_text(schema_editor.connection).create:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in full_text(schema_editor.connection).drop:
        schema_editor.execute(statement, params=None)


def fill(apps, schema_editor):
    index_tools(apps.get_model("catalog", "Tool").objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_visibility_and_counts")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "tool",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_entry",
                        serialize=False,
                        to="catalog.tool",
                    ),
                ),
                ("place", models.BigIntegerField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=48)),
                ("head", models.CharField(max_length=8)),
                ("tail", models.CharField(max_length=8)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["head", "word"], name="search_word_head"),
                    models.Index(fields=["tail", "word"], name="search_word_tail"),
                ],
                "constraints": [models.UniqueConstraint(fields=("word",), name="search_word")],
            },
        ),
        migrations.RunPython(create, drop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
