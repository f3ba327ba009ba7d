"""Keeps names apart that people can't: what a new name may look like.

Two names are confusable when their skeletons are equal (Unicode Technical Standard 39). Accounts that had their names
before stay as they are; only the choice of a name is checked.
"""

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from confusable_homoglyphs.categories import unique_aliases
from confusable_homoglyphs.confusables import confusables_data
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from gptstore.accounts.models import User

SCRIPTLESS = {"COMMON", "INHERITED"}
SCRIPTS_TOGETHER = [
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
]
"""The scripts that one language writes together, as in the standard's level “Highly Restrictive”."""

MAX_SKELETON = 300
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


def is_of_one_language(name: str) -> bool:
    scripts = unique_aliases(name) - SCRIPTLESS
    return len(scripts) <= 1 or any(scripts <= together for together in SCRIPTS_TOGETHER)


def skeleton(name: str) -> str:
    """Return what all names have in common that look like this one, in capitals or not.

    A capital I looks like l, so that i and l are the same here. Two passes: the first sees the letters as they are
    written, the second as they are read aloud.
    """
    alike = prototypes(prototypes(unicodedata.normalize("NFKC", name)).casefold())
    return alike.replace("i", "l")[:MAX_SKELETON]


def prototypes(text: str) -> str:
    return unicodedata.normalize("NFD", "".join(map(prototype, unicodedata.normalize("NFD", text))))


@cache
def prototype(character: str) -> str:
    """Return the standard's prototype of a character: the one that it and all that look like it map to.

    The library's data has each pair in both directions. A character that is like one other only maps to that one; of
    two that are only like each other the first is taken.
    """
    alike = [found["c"] for found in confusables_data.get(character, [])]
    if len(alike) != 1:
        return character
    is_pair = len(confusables_data.get(alike[0], [])) == 1 and len(alike[0]) == 1
    return min(character, alike[0]) if is_pair else alike[0]
