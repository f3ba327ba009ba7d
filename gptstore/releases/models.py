"""Plugins that were submitted to the store, their releases, and which of these its workers are to run.

Rows change only through the functions of this package, which also write the audit log.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gptstore.catalog.ordered_json import OrderedJSONField
from gptstore.sdk.text_limits import MAX_KEY, MAX_PLUGIN, MAX_SLUG, MAX_VERSION


class Trust(models.TextChoices):
    BUILT_IN = "built-in", _("Built in")
    VERIFIED = "verified", _("Verified")
    UNVERIFIED = "unverified", _("Unverified")


class Plugin(models.Model):
    """A plugin by its name. live: the release that new runs of its tools get; None when none is deployed.

    owner: who may submit releases of it, beside admins.
    """

    name = models.CharField(_("name"), max_length=MAX_PLUGIN, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="plugins",
        verbose_name=_("owner"),
    )
    trust = models.CharField(_("trust"), max_length=10, choices=Trust, default=Trust.UNVERIFIED)
    live = models.ForeignKey(
        "Release", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("live release")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("plugin")
        verbose_name_plural = _("plugins")

    def __str__(self) -> str:
        return self.name


class ReleaseStatus(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    CHECKING = "checking", _("Being checked")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


UNDECIDED = (ReleaseStatus.SUBMITTED, ReleaseStatus.CHECKING, ReleaseStatus.IN_REVIEW)

DEPLOYABLE = models.Q(status=ReleaseStatus.APPROVED, yanked_at=None, quarantined_at=None)
"""The condition of a release that workers may run: approved, and neither yanked nor quarantined."""


class ReleaseQuerySet(models.QuerySet["Release"]):
    def deployable(self) -> "ReleaseQuerySet":
        """Return those that workers may run: approved, and neither yanked nor quarantined."""
        return self.filter(DEPLOYABLE)


class Release(models.Model):
    """One version of a plugin, as the bundle that was submitted. Its content never changes.

    key: its name on workers, `gptstore.sdk.bundle.release_key`. sha256: of the bundle's file, and its name in storage.
    rights, risk: see `gptstore.releases.rights`. publisher: the fingerprint of the key that signed the bundle, or "".
    signature: the store's own, of an approved one, see `gptstore.releases.signatures`.
    changelog: what the bundle's CHANGELOG.md says of this version, Markdown that its author wrote; "" for nothing.
    """

    plugin = models.ForeignKey(Plugin, models.PROTECT, related_name="releases", verbose_name=_("plugin"))
    version = models.CharField(_("version"), max_length=MAX_VERSION)
    key = models.CharField(_("key"), max_length=MAX_KEY, unique=True, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    manifest = OrderedJSONField(_("manifest"), editable=False)
    lock = models.TextField(_("locked requirements"), editable=False)
    sbom = models.TextField(_("bill of materials"), editable=False)
    changelog = models.TextField(_("what is new"), blank=True, default="", editable=False)
    rights = models.JSONField(_("rights"), default=list, editable=False)
    risk = models.PositiveSmallIntegerField(_("risk"), default=0, editable=False, help_text=_("0 to 10"))
    publisher = models.CharField(_("publisher's key"), max_length=60, blank=True, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=ReleaseStatus, default=ReleaseStatus.SUBMITTED, editable=False
    )
    signature = models.JSONField(_("signature of the store"), null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("submitted by")
    )
    submitted_at = models.DateTimeField(_("submitted"), auto_now_add=True)
    yanked_at = models.DateTimeField(_("yanked"), null=True, blank=True, editable=False)
    quarantined_at = models.DateTimeField(_("quarantined"), null=True, blank=True, editable=False)
    quarantine_reason = models.TextField(_("reason of the quarantine"), blank=True, editable=False)
    quarantine_details = models.TextField(_("traceback"), blank=True, editable=False)
    quarantined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("quarantined by"),
        help_text=_("Empty: the store itself."),
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        permissions = [
            ("review_release", _("Can approve and reject releases")),
            ("quarantine_release", _("Can yank and quarantine releases")),
            ("deploy_release", _("Can deploy, roll back and take down plugins")),
        ]
        constraints = [models.UniqueConstraint(fields=["plugin", "version"], name="release_version")]
        indexes = [
            models.Index(fields=["status", "submitted_at"], name="release_queue"),
            models.Index(fields=["submitted_at"], name="release_time"),
        ]

    def __str__(self) -> str:
        return f"{self.plugin} {self.version}"

    @property
    def is_deployable(self) -> bool:
        return self.status == ReleaseStatus.APPROVED and self.yanked_at is None and self.quarantined_at is None

    @property
    def file(self) -> str:
        """Return the name of the bundle in the storage of releases."""
        return bundle_file(self.sha256)


def bundle_file(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}.gptx"


class Check(models.Model):
    """The check of a submitted release on a worker. `gptstore.releases.checks` changes it.

    A worker holds it by a lease, as it does a job. log: what it did, line by line, while it does it. report: a
    `gptstore.releases.check_report.CheckReport` as JSON; None until the check has ended.
    """

    release = models.OneToOneField(Release, models.CASCADE, related_name="worker_check", verbose_name=_("release"))
    worker = models.CharField(_("worker"), max_length=200)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    lease_expires_at = models.DateTimeField(_("lease expires"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    log = models.TextField(_("log"), blank=True)
    report = models.JSONField(_("report"), null=True, blank=True)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")

    def __str__(self) -> str:
        return str(self.release)


class Decision(models.Model):
    """What one reviewer decided about a release. A release with network rights needs two who approve."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="decisions", verbose_name=_("release"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    approves = models.BooleanField(_("approves"))
    note = models.TextField(_("note"), blank=True)
    at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        ordering = ["at"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [models.UniqueConstraint(fields=["release", "by"], name="one_decision_each")]

    def __str__(self) -> str:
        return f"{self.release}: {self.by}"


class Strategy(models.TextChoices):
    ALL = "all", _("All workers at once")
    CANARY = "canary", _("Canary: one worker first")


class DeploymentState(models.TextChoices):
    ROLLING_OUT = "rolling_out", _("Rolling out")
    LIVE = "live", _("Live")
    REPLACED = "replaced", _("Replaced")
    ROLLED_BACK = "rolled_back", _("Rolled back")


class Deployment(models.Model):
    """A decision which release of a plugin is to be live. One of a plugin is open; the others are its history.

    release: None when the plugin is taken down. state: `rolling_out` until the release takes runs as it should. share:
    of new runs, in percent, that a canary gets on its worker. canary_since: when these runs began. outcome: why it was
    rolled back, what it waits for, or what its canary showed.
    """

    plugin = models.ForeignKey(Plugin, models.PROTECT, related_name="deployments", verbose_name=_("plugin"))
    release = models.ForeignKey(
        Release, models.PROTECT, null=True, blank=True, related_name="deployments", verbose_name=_("release")
    )
    strategy = models.CharField(_("strategy"), max_length=8, choices=Strategy, default=Strategy.ALL)
    share = models.PositiveSmallIntegerField(_("share of runs, in percent"), default=100)
    canary_worker = models.CharField(_("worker of the canary"), max_length=200, blank=True)
    canary_since = models.DateTimeField(_("begin of the canary"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=DeploymentState, default=DeploymentState.ROLLING_OUT)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    why = models.TextField(_("why"), blank=True)
    outcome = models.TextField(_("outcome"), blank=True)
    at = models.DateTimeField(_("time"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        constraints = [
            models.UniqueConstraint(fields=["plugin"], condition=Q(ended_at=None), name="one_open_deployment"),
            models.CheckConstraint(condition=Q(share__gte=1, share__lte=100), name="share_in_percent"),
        ]
        indexes = [models.Index(F("plugin"), F("id").desc(), name="deployment_history")]

    def __str__(self) -> str:
        return f"{self.plugin} → {self.release.version if self.release else '–'}"


class Crash(models.Model):
    """A run that ended by a fault of its release, as the worker saw it. It outlives the run, and has no input of it.

    code: of `gptstore.jobs.errors`. owner_id is no foreign key, so that the count needs no account. input_digest: tells
    different inputs apart. details: the traceback without messages, see `gptstore.releases.traces`.
    """

    release = models.ForeignKey(Release, models.CASCADE, related_name="crashes", verbose_name=_("release"))
    tool = models.CharField(_("tool"), max_length=MAX_SLUG)
    code = models.CharField(_("error code"), max_length=32)
    owner_id = models.BigIntegerField(_("account"))
    input_digest = models.CharField(_("digest of the input"), max_length=64)
    details = models.TextField(_("traceback"), blank=True)
    at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("crash")
        verbose_name_plural = _("crashes")
        indexes = [models.Index(fields=["at"], name="crash_time")]

    def __str__(self) -> str:
        return f"{self.release}: {self.code}"
