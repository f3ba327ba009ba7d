"""The rights and the risk of a release in words, in the reader's language."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gptstore.releases.rights import MAX_RISK, UNSIGNED, WEIGHTS, Kind, Right


@dataclass(frozen=True)
class RiskPart:
    """What adds to the risk, and how much."""

    reason: str
    weight: int


def describe_right(right: Right) -> str:
    values = {"tool": right.tool, "limit": right.limit, "value": right.value}
    sentences = {
        Kind.NETWORK: _("%(tool)s reaches the network: everything that a worker's machine reaches."),
        Kind.SECRETS: _("%(tool)s is given a secret of the store, its setting “%(value)s”."),
        Kind.NATIVE_CODE: _("%(value)s is compiled: nobody can read what it does."),
        Kind.LIMIT: _("%(tool)s asks for more than usual: %(limit)s = %(value)s."),
    }
    return sentences[Kind(right.kind)] % values


def name_kind(kind: Kind) -> str:
    """Return what a right of this kind means, in few words."""
    names = {
        Kind.NETWORK: _("Reaches the network"),
        Kind.SECRETS: _("Is given secrets"),
        Kind.NATIVE_CODE: _("Has compiled code"),
        Kind.LIMIT: _("Asks for more than the usual limits"),
    }
    return names[kind]


def describe_risk(rights: Collection[Right], *, is_signed: bool) -> list[RiskPart]:
    """Return what makes up the risk, as `gptstore.releases.rights.risk_of` adds it."""
    kinds = {right.kind for right in rights}
    parts = [RiskPart(name_kind(kind), weight) for kind, weight in WEIGHTS.items() if kind in kinds]
    return parts if is_signed else [*parts, RiskPart(_("No key of its publisher signed it"), UNSIGNED)]


def describe_denied(denied: Mapping[str, int]) -> str:
    """Return how many calls the sandbox denied, with the number of each kind."""
    if not (total := sum(denied.values())):
        return _("no call denied")
    texts = {"network": _("network"), "files": _("files"), "processes": _("processes")}
    kinds = ", ".join(f"{texts.get(kind, kind)} {number}" for kind, number in denied.items())
    sentence = ngettext("%(number)s call denied (%(kinds)s)", "%(number)s calls denied (%(kinds)s)", total)
    return sentence % {"number": total, "kinds": kinds}


def level_of(risk: int) -> str:
    """Return "low", "medium" or "high": from a right to the network on it is high."""
    return "low" if risk <= UNSIGNED else "high" if risk * 2 >= MAX_RISK else "medium"
