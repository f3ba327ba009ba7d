"""The key with which a program signs in as its owner. Only its digest is kept."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 80


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def active(self) -> "ApiKeyQuerySet":
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """One key. `gptstore.accounts.keys` makes, checks and revokes them; nothing else writes this table."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("owner")
    )
    name = models.CharField(
        _("name"), max_length=NAME_LENGTH, help_text=_("What uses this key, for example “laptop” or “CI”.")
    )
    prefix = models.CharField(_("key"), max_length=8, help_text=_("The first characters of the key."))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    submits = models.BooleanField(
        _("submits releases"),
        default=False,
        db_default=False,
        help_text=_("Whether it may also submit releases of plugins, beside running tools."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        indexes = [models.Index(fields=["prefix"], name="api_key_prefix")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_active(self) -> bool:
        return self.revoked_at is None
