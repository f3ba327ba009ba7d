"""The help of `gptstore` itself: its commands, each with what it does, as plain text.

rich draws the help of each command; to import it would take longer than all else that this list needs.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from gptstore.sdk.cli.errors import UsageError


class CommandList(TyperGroup):
    """The group of all commands, whose help imports no more than it prints."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), err=True)
            ctx.exit(UsageError.status)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super(TyperGroup, self).format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, first_paragraph(command.help or "")) for name, command in self.commands.items()])


def first_paragraph(text: str) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(text.strip().partition("\n\n")[0].split())
