from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0008_finish_reason'),
    ]

    operations = [
        migrations.AddField(
            model_name='worker',
            name='releases',
            field=models.JSONField(blank=True, default=None, null=True, verbose_name='releases'),
        ),
    ]
