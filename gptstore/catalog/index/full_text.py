"""The seam to the full text index of a database. `postgres` and `sqlite` implement it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from gptstore.catalog.index.expression import Expression
from gptstore.catalog.index.place import place_in_sql

TRIGGER = "catalog_tool_used"
MOVED = f"{place_in_sql('NEW')} <> {place_in_sql('OLD')}"
MOVE = f"UPDATE catalog_searchentry SET place = {place_in_sql('NEW')} WHERE tool_id = NEW.id;"  # noqa: S608
MATCHED = "SELECT {level}, place FROM ({match}) AS level{level}"


class FullText(ABC):
    """An index of the tokens of tools, by the place of each. `connection`: Django's, to its database."""

    create: Sequence[str]
    """The statements that make it, beside the table `catalog_searchentry`. It follows the places in that table."""

    drop: Sequence[str]

    follow_runs: Sequence[str]
    """The statements that make the trigger by which a tool's place follows its numbers of runs, whoever writes them."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @abstractmethod
    def write(self, tokens: Mapping[int, Sequence[str]]) -> None:
        """Write the tokens of tools, by their places, instead of those that it has."""

    @abstractmethod
    def read(self, places: Sequence[int]) -> dict[int, set[str]]:
        """Return the tokens at these places."""

    @abstractmethod
    def follows_runs(self) -> bool:
        """Return whether there is that trigger."""

    @abstractmethod
    def delete_strays(self) -> int:
        """Delete what it has of places that no tool is at, and return how many that were."""

    def keep_following(self) -> None:
        """Make that trigger where it is missing."""
        if not self.follows_runs():
            with self.connection.cursor() as cursor:
                for statement in self.follow_runs:
                    cursor.execute(statement)

    @abstractmethod
    def match(self, expression: Expression, after: int | None, limit: int) -> tuple[str, list[Any]]:
        """Return the query for the first places that fit, the greatest first, and its parameters.

        after: the place that they come after. It reads no more rows than it has to: see the tests of plans.
        """

    def find(self, expression: Expression, after: int | None, limit: int) -> list[int]:
        """Return the first places that fit, the greatest first."""
        return [place for _level, place in self.find_by_level([expression], after, limit)]

    def find_by_level(self, expressions: Sequence[Expression], after: int | None, limit: int) -> list[tuple[int, int]]:
        """Return those for each of several expressions, as (number of the expression, place), with one query."""
        queries, parameters = [], []
        for level, expression in enumerate(expressions):
            match, values = self.match(expression, after, limit)
            queries.append(MATCHED.format(level=level, match=match))
            parameters += values
        with self.connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(queries), parameters)
            return sorted(cursor.fetchall(), key=lambda row: (row[0], -row[1]))


def full_text(connection: Any) -> FullText:
    """Return the index in the database of this connection."""
    from gptstore.catalog.index.postgres import PostgresText
    from gptstore.catalog.index.sqlite import SQLiteText

    return PostgresText(connection) if connection.vendor == "postgresql" else SQLiteText(connection)
