"""Keeps names apart that people can't: what a new name may look like.

Two names are confusable when their skeletons are equal. Accounts that had their names before stay as they are; only the
choice of a name is checked.
"""

import unicodedata
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from gptstore.sdk.intake.confusable import MAX_SKELETON, is_of_one_language, skeleton

if TYPE_CHECKING:
    from gptstore.accounts.models import User

INVISIBLE = {"\u115f", "\u1160"}
"""The letters that show nothing, fillers of Hangul. Other invisible characters are no letters, and refused as such."""


class SkeletonField(models.CharField):
    """The skeleton of the name of the same row, written with it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        options = {"max_length": MAX_SKELETON, "editable": False, "db_index": True, "default": ""}
        super().__init__(*args, **{**options, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = skeleton(model_instance.username)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, value)
        return value


def check_name(name: str, of: "User | None" = None) -> None:
    """Check a name that somebody chooses, for `of` if they have an account. Raises ValidationError."""
    plain = unicodedata.normalize("NFKC", name)
    if plain != name:
        raise ValidationError(_("Write this name in ordinary letters: %(name)s"), params={"name": plain})
    if INVISIBLE.intersection(name):
        raise ValidationError(_("This name has a character that nobody can see. Leave it out."))
    if not is_of_one_language(name):
        raise ValidationError(_("This name mixes alphabets whose letters look alike. Write it in one of them."))
    alike = apps.get_model("accounts.User").objects.filter(skeleton=skeleton(name)).exclude(username=name)
    others = alike if of is None else alike.exclude(pk=of.pk)
    if others.exists():
        raise ValidationError(_("This name looks like one that somebody has already. Choose another one."))
