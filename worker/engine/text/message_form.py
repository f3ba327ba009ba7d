"""The forms in which messages can be given to a chat template: as strings or lists of parts, with or without roles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from worker.engine.protocol import Message, Role

Arrangement = Literal["as given", "merged", "folded"]
BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class MessageForm:
    """One form of messages.

    arrangement: "merged": successive messages of one role become one; "folded": and a system's words become a user's
        first, so that they begin the user's turn after them.
    as_parts: the roles whose contents are lists of parts, as templates of models that see images read them.
    """

    arrangement: Arrangement = "as given"
    as_parts: frozenset[Role] = frozenset()

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Return messages as a template reads them."""
        arranged = arrange(messages, self.arrangement)
        return [{"role": message.role, "content": self._content(message)} for message in arranged]

    def _content(self, message: Message) -> str | list[dict[str, str]]:
        if message.role in self.as_parts:
            return [{"type": "text", "text": message.content}]
        return message.content


def arrange(messages: Sequence[Message], arrangement: Arrangement) -> Sequence[Message]:
    """Return the messages with this arrangement of their turns."""
    if arrangement == "as given":
        return messages
    if arrangement == "folded":
        messages = [Message("user" if one.role == "system" else one.role, one.content) for one in messages]
    return [
        Message(role, _join(message.content for message in turn))
        for role, turn in groupby(messages, key=lambda message: message.role)
    ]


def _join(contents: Iterable[str]) -> str:
    """Join texts by a blank line, without those that are blank; a text that is alone stays as it is."""
    texts = list(contents)
    return texts[0] if len(texts) == 1 else BETWEEN.join(filter(str.strip, texts))


def _part_choices() -> list[frozenset[Role]]:
    """Return which roles' contents are lists: of none, of all, and then every mixture."""
    roles: tuple[Role, ...] = ("system", "user", "assistant")
    mixtures: list[frozenset[Role]] = [
        frozenset(role for at, role in enumerate(roles) if number >> at & 1) for number in range(8)
    ]
    return sorted(mixtures, key=lambda mixture: 0 < len(mixture) < len(roles))


AS_GIVEN = MessageForm()

FORMS = tuple(
    MessageForm(arrangement, as_parts)
    for arrangement in ("as given", "merged", "folded")
    for as_parts in _part_choices()
)
"""All forms, in the order in which they are tried."""
