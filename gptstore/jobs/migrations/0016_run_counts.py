from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db import migrations, models
from django.db.models import Count
from django.db.models.functions import TruncDate


def count_ended(apps, schema_editor):
    """Count the runs that have ended, as `gptstore.jobs.run_counts` goes on to do."""
    Job, Tool = apps.get_model("jobs", "Job"), apps.get_model("catalog", "Tool")
    DailyRuns = apps.get_model("catalog", "DailyRuns")
    ended = Job.objects.filter(completed_at__isnull=False).order_by()
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lately = ended.filter(created_at__gte=today - timedelta(days=6)).annotate(day=TruncDate("created_at", tzinfo=UTC))
    days = list(lately.values_list("tool", "day").annotate(Count("id")))
    DailyRuns.objects.bulk_create((DailyRuns(tool_id=tool, day=day, runs=n) for tool, day, n in days), batch_size=1000)
    week = Counter[int]()
    for tool, _day, number in days:
        week[tool] += number
    counted = ended.values_list("tool").annotate(Count("id"))
    tools = [Tool(id=tool, runs=number, runs_week=week[tool]) for tool, number in counted]
    Tool.objects.bulk_update(tools, ["runs", "runs_week"], batch_size=200)
    Job.objects.filter(completed_at__isnull=True).update(counted=False)


class Migration(migrations.Migration):
    """Count what has ended. The rows there are begin as counted, so that the long ones of ended jobs are not rewritten."""

    dependencies = [
        ("catalog", "0015_list_indexes"),
        ("jobs", "0015_admin_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="counted",
            field=models.BooleanField(db_default=True, default=False, editable=False, verbose_name="counted"),
        ),
        migrations.RunPython(count_ended, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="job",
            name="counted",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="counted"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("completed_at__isnull", False), ("counted", False)),
                fields=["id"],
                name="job_uncounted",
            ),
        ),
    ]
