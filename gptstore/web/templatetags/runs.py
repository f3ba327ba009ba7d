"""How runs read in lists: `{% load runs %}`."""

from datetime import timedelta

from django import template
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from gptstore.jobs.models import Job

register = template.Library()


@register.filter
def input_excerpt(job: Job) -> str:
    """The beginning of the first text that was entered: what people know a run by."""
    texts = [value for value in job.input.values() if isinstance(value, str) and value.strip()]
    longest = max(texts, key=len, default="")
    return Truncator(" ".join(longest[:400].split())).chars(110) or job.tool.title


@register.filter
def seconds(duration: timedelta | None) -> str:
    """3.24 s → "3.2 s"; 95 s → "1 min 35 s"; None → ""."""
    if duration is None:
        return ""
    total = max(0.0, duration.total_seconds())
    if total < 60:
        return _("%(n)s s") % {"n": number_format(total, decimal_pos=1)}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": int(total // 60), "seconds": int(total % 60)}
