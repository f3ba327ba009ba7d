import django.db.models.deletion
from django.db import migrations, models

from gptstore.catalog.index.full_text import full_text
from gptstore.catalog.index.index import ids_of, index_rows


def create(apps, schema_editor):
    index = full_text(schema_editor.connection)
    for statement in [*index.create, *index.follow_runs]:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in full_text(schema_editor.connection).drop:
        schema_editor.execute(statement, params=None)


def fill(apps, schema_editor):
    Tool, using = apps.get_model("catalog", "Tool"), schema_editor.connection.alias
    index_rows(Tool, "pk", ids_of(Tool, using), using)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0016_authors_category")]

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
        migrations.AddIndex(
            model_name="tool",
            index=models.Index(fields=["plugin", "installed", "released", "release", "slug"], name="tool_origin"),
        ),
        migrations.RunPython(create, drop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
