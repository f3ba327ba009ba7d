"""The audit log: what admins and authors changed, in a chain that shows when somebody alters a part of it."""

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from gptstore.audit.errors import AuditLogError

MAX_ACTOR, MAX_ACTION, MAX_TARGET = 150, 60, 255
FIRST_HASH = "0" * 64


class AuditEvent(models.Model):
    """One change. `gptstore.audit.record` writes them; they are neither changed nor deleted.

    number: 1, 2, 3 …, without a gap. target: what was changed, such as "release acme-tool 1.2.0". actor_id is no
    foreign key, so that a deleted account changes no event. previous, hash: see `gptstore.audit.chain`.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("time"))
    actor_id = models.BigIntegerField(_("account"), null=True)
    actor = models.CharField(_("who"), max_length=MAX_ACTOR, help_text=_("Empty: the store itself."))
    action = models.CharField(_("action"), max_length=MAX_ACTION)
    target = models.CharField(_("target"), max_length=MAX_TARGET, db_index=True)
    details = models.JSONField(_("details"), default=dict)
    previous = models.CharField(_("hash of the event before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AuditLogError("An event of the audit log does not change.")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AuditLogError("The audit log only grows.")


class ChainEnd(models.Model):
    """The last event, in a row of its own: whoever adds one locks it, so that the chain never forks."""

    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=FIRST_HASH)

    def __str__(self) -> str:
        return str(self.number)
