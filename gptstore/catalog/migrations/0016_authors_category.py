from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Until now each tool is in the category that its author names."""
    Category, Tool = apps.get_model("catalog", "Category"), apps.get_model("catalog", "Tool")
    slug = Category.objects.filter(pk=OuterRef("category")).values("slug")
    Tool.objects.filter(category_chosen=False).update(authors_category=Subquery(slug))


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0015_list_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="tool",
            name="authors_category",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=50),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
