from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('releases', '0005_admin_lists'),
    ]

    operations = [
        migrations.AddField(
            model_name='release',
            name='changelog',
            field=models.TextField(blank=True, default='', editable=False, verbose_name='what is new'),
        ),
    ]
