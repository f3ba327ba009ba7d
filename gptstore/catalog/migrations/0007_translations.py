from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_tool_settings"),
    ]

    operations = [
        migrations.AddField(
            model_name="tool",
            name="translations",
            field=models.JSONField(blank=True, db_default={}, default=dict, verbose_name="translations"),
        ),
    ]
