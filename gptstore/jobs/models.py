"""A job is one run of one tool. Its status changes only through `gptstore.jobs.lifecycle.states`."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gptstore.catalog.models import OUTPUT_CHOICES, Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.ids import uuid7
from gptstore.sdk.text_limits import MAX_KEY


class Status(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")


FINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELED})
WAITS = models.Q(started_at__isnull=True, completed_at__isnull=True)
"""The condition that holds for queued jobs alone; the index over it holds nothing else."""

OF_RELEASE = models.Q(completed_at__isnull=True) & ~models.Q(release="")
"""The condition of a job that has not ended and asks for a deployed release, with an index of its own."""

ENDED_UNCOUNTED = models.Q(completed_at__isnull=False, counted=False)
"""The condition of a job that has ended and is not counted by `gptstore.jobs.run_counts`, with an index of its own."""


class JobQuerySet(models.QuerySet["Job"]):
    def owned_by(self, user: object) -> "JobQuerySet":
        """Return the jobs that this person may see, with their tools."""
        return self.filter(owner=user).select_related("tool", "tool__category")


class Job(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs", verbose_name=_("owner"), db_index=False
    )
    tool = models.ForeignKey(Tool, models.PROTECT, related_name="jobs", verbose_name=_("tool"), db_index=False)
    tool_version = models.CharField(_("tool version"), max_length=64)
    release = models.CharField(_("release"), max_length=MAX_KEY, default="", db_default="", blank=True, editable=False)
    pinned = models.BooleanField(
        _("pinned"), default=False, db_default=False, editable=False, help_text=_("Whoever ran it chose the release.")
    )
    input = models.JSONField(_("input"))
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.QUEUED, editable=False)
    batch = models.BooleanField(_("batch"), default=False, db_default=False, editable=False)
    attempt = models.PositiveIntegerField(_("attempt"), default=0, editable=False)
    output = models.TextField(_("output"), blank=True)
    output_kind = models.CharField(_("output kind"), max_length=16, choices=OUTPUT_CHOICES)
    output_language = models.CharField(_("output language"), max_length=40, blank=True)
    error_code = models.CharField(_("error code"), max_length=32, choices=ErrorCode, blank=True)
    error_message = models.TextField(_("error message"), blank=True)
    prompt_tokens = models.PositiveIntegerField(_("prompt tokens"), default=0)
    completion_tokens = models.PositiveIntegerField(_("completion tokens"), default=0)
    finish_reason = models.CharField(
        _("end of the answer"), max_length=10, default="", db_default="", blank=True, editable=False
    )
    logprobs = models.TextField(_("log-probabilities"), default="", db_default="", blank=True, editable=False)
    cancel_requested = models.BooleanField(_("cancel requested"), default=False, editable=False)
    worker = models.CharField(_("worker"), max_length=200, blank=True)
    lease_expires_at = models.DateTimeField(_("lease expires"), null=True, blank=True, editable=False)
    cancel_after = models.DateTimeField(_("cancel after"), null=True, blank=True, editable=False)
    idempotency_key = models.CharField(_("idempotency key"), max_length=255, blank=True, editable=False)
    request_digest = models.CharField(_("digest of the request"), max_length=64, blank=True, editable=False)
    counted = models.BooleanField(_("counted"), default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["owner", "-id"], name="job_owner_newest"),
            models.Index(fields=["tool", "-id"], name="job_tool_newest"),
            models.Index(fields=["status", "-id"], name="job_status_newest"),
            models.Index(fields=["status", "owner", "tool", "release", "batch", "id"], name="job_turn"),
            models.Index(fields=["release", "tool"], name="job_of_release", condition=OF_RELEASE),
            models.Index(fields=["tool", "completed_at"], name="job_tool_ended"),
            models.Index(fields=["created_at"], name="job_waiting", condition=WAITS),
            models.Index(fields=["id"], name="job_uncounted", condition=ENDED_UNCOUNTED),
            models.Index(
                fields=["status", "cancel_after"], name="job_overdue", condition=models.Q(cancel_after__isnull=False)
            ),
            models.Index(
                fields=["status", "completed_at", "tool", "completion_tokens"],
                name="job_ended",
                condition=models.Q(completed_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "idempotency_key"],
                condition=~models.Q(idempotency_key=""),
                name="job_idempotency_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tool_id} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("jobs:detail", args=[self.id])

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def duration(self) -> timedelta | None:
        """Return how long the job has run, or ran; None when it never started."""
        return (self.completed_at or timezone.now()) - self.started_at if self.started_at else None

    @property
    def tokens_per_second(self) -> float | None:
        """Return completion tokens by the seconds it ran; None while it runs or when it made none."""
        if not (self.started_at and self.completed_at and self.completion_tokens):
            return None
        seconds = (self.completed_at - self.started_at).total_seconds()
        return self.completion_tokens / seconds if seconds > 0 else None


class Worker(models.Model):
    """A worker process that sent a heartbeat lately, and the model that it owns.

    drained_at: since when it claims no jobs; `gptstore.jobs.drain` changes it. The row of a drained worker outlives it.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    model = models.CharField(_("model"), max_length=300)
    demo = models.BooleanField(_("demo model"), default=False)
    parameters = models.BigIntegerField(_("parameters"))
    context_length = models.PositiveIntegerField(_("context length"))
    thinking = models.CharField(_("thinking"), max_length=10, default="unknown", db_default="unknown")
    device = models.CharField(_("device"), max_length=40)
    tools = models.JSONField(_("tools"), default=list)
    slots = models.PositiveIntegerField(_("jobs at a time"), default=1, db_default=1)
    sandbox = models.CharField(_("sandbox"), max_length=10, default="none", db_default="none")
    sandbox_missing = models.JSONField(_("missing from the sandbox"), default=list, db_default=[], blank=True)
    refused = models.JSONField(_("refused plugins"), default=dict, db_default={}, blank=True)
    offers = models.JSONField(_("tools of each release"), default=None, null=True, blank=True)
    releases = models.JSONField(_("releases"), default=None, null=True, blank=True)
    installs = models.JSONField(_("installations"), default=dict, db_default={}, blank=True)
    tokens_per_second = models.FloatField(_("tokens per second"), default=0.0, db_default=0.0)
    memory = models.PositiveBigIntegerField(_("memory in bytes"), default=0, db_default=0)
    drained_at = models.DateTimeField(_("drained"), null=True, blank=True)
    drained_by = models.CharField(_("drained by"), max_length=150, default="", db_default="", blank=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        ordering = ["name"]
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        permissions = [("drain_worker", _("Can drain and resume workers"))]

    def __str__(self) -> str:
        return self.name
