"""Words the estimate of when a queued run starts."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gptstore.jobs.estimate.wait_estimate import Expectation

MINUTE, HOUR = 60, 3600


def queue_hint(expected: Expectation) -> str:
    if not expected.workers:
        return _("No worker is running at the moment: your run starts when one is back.")
    if not expected.able:
        return _("No worker has this tool at the moment.")
    if expected.position is None:
        return _("Very many runs are ahead of this one.")
    place = _("Next in line") if expected.position == 1 else _("Number %(n)s in line") % {"n": expected.position}
    if expected.seconds is None:
        return _("%(place)s.") % {"place": place}
    return _("%(place)s, starts %(soon)s.") % {"place": place, "soon": soon(expected.seconds)}


def soon(seconds: float) -> str:
    """Return a time in words, rounded to the precision of the estimate."""
    if seconds < MINUTE / 2:
        return _("in a moment") if seconds < MINUTE / 6 else _("in less than half a minute")
    if seconds < HOUR:
        n = max(1, round(seconds / MINUTE))
        return ngettext("in about %(n)s minute", "in about %(n)s minutes", n) % {"n": n}
    n = round(seconds / HOUR)
    return ngettext("in about %(n)s hour", "in about %(n)s hours", n) % {"n": n}
