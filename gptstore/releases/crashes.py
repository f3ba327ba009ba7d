"""Quarantine by crashes: a release whose runs crash again and again is taken out of use by the store itself.

Which ends of a run are a crash: the tool's own code raised or died, asked the model for something impossible, took more
than it may, or longer. A timeout counts only while no other plugin's runs time out: otherwise the model is slow. A lost
worker doesn't count, which may have other reasons.

One person must not be able to take a tool from all others. So an input counts once, however often it is sent, and one
person's inputs are at most half of what is needed; those of staff all count, so that a store of one person is protected
too. A quarantine ends by a person's decision, and another release is another digest: nothing is tried again by itself.
"""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django.utils.crypto import salted_hmac

from gptstore.accounts.models import User
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle.move import move_queued
from gptstore.jobs.lifecycle.outcome import JobError
from gptstore.jobs.models import Job
from gptstore.releases.models import Crash, Release
from gptstore.releases.quarantine import quarantine
from gptstore.releases.traces import without_messages

CRASHES = frozenset({ErrorCode.TOOL_CRASHED, ErrorCode.BAD_REQUEST, ErrorCode.LIMIT_EXCEEDED, ErrorCode.TIMEOUT})
KEEP = timedelta(days=30)
SWEEP = timedelta(hours=1)
"""How long the queue is searched for jobs of a release that was withdrawn: those that ran then may be queued again."""


def note_crash(job: Job, error: JobError) -> None:
    """Store that a run ended by a fault of its release. A tool that is no release's is the operator's own matter."""
    release = Release.objects.filter(key=job.release).first() if job.release and error.code in CRASHES else None
    if release is None:
        return
    Crash.objects.filter(at__lt=timezone.now() - KEEP).delete()
    Crash.objects.create(
        release=release,
        tool=job.tool.slug,
        code=error.code,
        owner_id=job.owner_id,
        input_digest=digest_of(job),
        details=without_messages(error.traceback, error.fault or error.code),
    )


def digest_of(job: Job) -> str:
    """Return what tells this input from others. It is keyed, so that nobody can guess an input and compare."""
    text = json.dumps([job.tool_id, job.input], sort_keys=True)
    return salted_hmac("gptstore.releases.crashes", text, algorithm="sha256").hexdigest()


def quarantine_crashing() -> None:
    """Quarantine each release that has crashed too often lately."""
    since = timezone.now() - timedelta(minutes=settings.ENV.crash_minutes)
    recent = Crash.objects.filter(at__gte=since, release__quarantined_at=None)
    often = recent.order_by().values("release").annotate(count=Count("id")).filter(count__gte=settings.ENV.crash_count)
    for release in Release.objects.filter(pk__in=often.values("release")).select_related("plugin"):
        judge(release, since)


def judge(release: Release, since: datetime) -> None:
    """Quarantine this release if its crashes suffice. Those before it was deployed last are forgiven."""
    deployed = release.deployments.order_by("-id").first()
    crashes = list(release.crashes.filter(at__gte=max(since, deployed.at) if deployed else since))
    if any(crash.code == ErrorCode.TIMEOUT for crash in crashes) and is_model_slow(release, since):
        crashes = [crash for crash in crashes if crash.code != ErrorCode.TIMEOUT]
    count = weigh(crashes, settings.ENV.crash_count)
    if count < settings.ENV.crash_count:
        return
    codes = ", ".join(sorted({crash.code for crash in crashes}))
    people = len({crash.owner_id for crash in crashes})
    who = "one person" if people == 1 else f"{people} people"
    within = f"within {settings.ENV.crash_minutes} minutes"
    reason = f"{count} different inputs of {who} made it crash {within} ({codes})."
    quarantine(release, reason, details=f"{crashes[0].tool}: {crashes[0].code}\n{crashes[0].details}")


def is_model_slow(release: Release, since: datetime) -> bool:
    """Return whether runs of other plugins timed out as well."""
    late = Job.objects.filter(completed_at__gte=since, error_code=ErrorCode.TIMEOUT)
    return late.exclude(tool__plugin=release.plugin.name).exists()


def weigh(crashes: Iterable[Crash], needed: int) -> int:
    """Return how many crashes count: each input once, for who sent it first; of one person at most half of `needed`."""
    first = {crash.input_digest: crash.owner_id for crash in sorted(crashes, key=lambda crash: crash.at, reverse=True)}
    by_owner = Counter(first.values())
    staff = {*User.objects.filter(pk__in=by_owner, is_staff=True).values_list("pk", flat=True)}
    most = (needed + 1) // 2
    return sum(count if owner in staff else min(count, most) for owner, count in by_owner.items())


def sweep_withdrawn() -> None:
    """Move the jobs that came back to the queue after their release was withdrawn: those that ran at that time."""
    since = timezone.now() - SWEEP
    withdrawn = Release.objects.filter(yanked_at__gte=since) | Release.objects.filter(quarantined_at__gte=since)
    for key in withdrawn.values_list("key", flat=True):
        move_queued(key, pinned_too=True)
