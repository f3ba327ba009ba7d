"""Probes a chat template: finds the form of messages in which all of their words arrive in the right turns."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from worker.engine.errors import first_line
from worker.engine.protocol import Message, Role
from worker.engine.text.message_form import FORMS, MessageForm

Turns = list[dict[str, Any]]
Render = Callable[[Turns], str]

LOST, ARRIVED, RIGHT = range(3)
"""Words are lost; all arrive; each content arrives whole, once, in its own turn."""


class Probed(NamedTuple):
    """The best form for a conversation, and the text that it gives. form: None: there is none, for this `reason`."""

    form: MessageForm | None
    text: str = ""
    reason: str = ""


def probe(render: Render, roles: Sequence[Role]) -> Probed:
    """Try all forms on messages of these roles, and return the first of those that do best."""
    messages = [Message(role, _content(number)) for number, role in enumerate(roles)]
    best, arrived, reason = Probed(None), LOST, ""
    for form in FORMS:
        if not form.as_parts <= set(roles):
            continue
        turns = form.turns(messages)
        try:
            text = render(turns)
        except Exception as error:
            reason = reason or f"it raises an error: {first_line(error)}"
            continue
        quality = _quality(text, messages)
        if quality == RIGHT and not _has_system_role(render, turns, text):
            quality = ARRIVED
        if quality == LOST:
            reason = reason or f"it loses the words of {_lost(text, messages)}"
        if quality > arrived:
            best, arrived = Probed(form, text), quality
        if quality == RIGHT:
            break
    return best if best.form else Probed(None, reason=reason)


def _content(number: int) -> str:
    """Return a text that is a string's own only if nobody quoted, escaped or cut it."""
    return f'{_first(number)} "it\'s" <b> & \\ é\n{_last(number)}'


def _first(number: int) -> str:
    return f"alpha{number}begins"


def _last(number: int) -> str:
    return f"omega{number}ends"


def _quality(text: str, messages: Sequence[Message]) -> int:
    if any(_is_lost(text, number) for number in range(len(messages))):
        return LOST
    places = [text.find(message.content) for message in messages if message.role != "system"]
    is_once = all(text.count(message.content) == 1 for message in messages)
    return RIGHT if is_once and places == sorted(places) else ARRIVED


def _is_lost(text: str, number: int) -> bool:
    return _first(number) not in text or _last(number) not in text


def _lost(text: str, messages: Sequence[Message]) -> str:
    roles = dict.fromkeys(message.role for number, message in enumerate(messages) if _is_lost(text, number))
    return " and ".join(f"the {role}" for role in roles)


def _has_system_role(render: Render, turns: Turns, text: str) -> bool:
    """Return whether the template tells a system's words from a user's and from an assistant's, if there are any."""
    if all(turn["role"] != "system" for turn in turns):
        return True
    for role in ("user", "assistant"):
        others = [turn | {"role": role} if turn["role"] == "system" else turn for turn in turns]
        with suppress(Exception):  # it refuses such turns, and so knows them from a system's
            if render(others) == text:
                return False
    return True
