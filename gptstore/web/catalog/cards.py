"""The cards of tools: each tool with what its card says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from gptstore.catalog.models import Tool
from gptstore.releases.card_facts import CardFacts, facts_of


@dataclass(frozen=True)
class Card:
    tool: Tool
    facts: CardFacts


def make_cards(*lists: Sequence[Tool]) -> list[list[Card]]:
    """Return the cards of several lists, with the queries of one."""
    facts = facts_of(list({tool.pk: tool for tools in lists for tool in tools}.values()))
    return [[Card(tool, facts[tool.pk]) for tool in tools] for tools in lists]
