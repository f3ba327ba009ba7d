from django.db import migrations


def fill_skeletons(apps, schema_editor):
    """The field computes its value when it is written."""
    for user in apps.get_model("accounts", "User").objects.only("username").iterator(chunk_size=1000):
        user.save(update_fields=["skeleton"])


class Migration(migrations.Migration):

    dependencies = [("accounts", "0002_name_skeleton")]

    operations = [migrations.RunPython(fill_skeletons, migrations.RunPython.noop)]
