"""The chat template of a local model: from messages to the text of a prompt, in the form that the template reads."""

from collections.abc import Sequence
from typing import Any, get_args

from worker.engine.errors import BadRequest, ModelLoadError
from worker.engine.protocol import Message, Role, Thinking
from worker.engine.text.template_probe import Probed, probe
from worker.engine.thoughts import PAIRS, Pair, opened_by, thinking_switches

_ROLES = frozenset(get_args(Role))
_MAX_SHAPES = 256
_ADVICE = (
    "Put a chat_template.jinja that shows each message's content into the model's folder, or choose another model: see "
    "/docs/models/ on the store's site."
)


class ChatTemplate:
    """Applies a tokenizer's chat template.

    The form of the messages is probed once for each shape of a conversation, which is the sequence of its roles.
    Raises ModelLoadError for a template that loses a system's or a user's words in every form.

    known: texts of the added tokens, among which may be the markers of thoughts.
    """

    def __init__(self, tokenizer: Any, known: frozenset[str] = frozenset()) -> None:
        self._tokenizer = tokenizer
        self.source = _choose_template(tokenizer)
        self._shapes: dict[tuple[tuple[Role, ...], bool], Probed] = {}
        shapes: tuple[tuple[Role, ...], ...] = (("user",), ("system", "user"))
        for roles in shapes:
            if (probed := self._probe(roles)).form is None:
                raise ModelLoadError(f"The model's chat template can't be used: {probed.reason.rstrip('.')}. {_ADVICE}")
        self.pairs = tuple(pair for pair in PAIRS if self._names(pair) or known & {*pair})
        self.thinking = self._find_thinking()

    def render(self, messages: Sequence[Message], *, thinking: bool = False, closed: bool = False) -> str:
        """Return the prompt's text. Raises BadRequest.

        thinking: have the model think first, if it can. closed: end thoughts that the prompt opens.
        """
        if not messages:
            raise BadRequest("There are no messages.")
        if not all(message.role in _ROLES for message in messages):
            raise BadRequest(f"The role of a message is one of {', '.join(sorted(_ROLES))}.")
        roles = tuple(message.role for message in messages)
        probed = self._probe(roles, thinking)
        if probed.form is None:
            raise BadRequest(f"The model's chat template refuses these messages: {probed.reason}")
        try:
            text = self._apply(probed.form.turns(messages), thinking)
        except Exception as error:
            raise BadRequest(f"The model's chat template refuses these messages: {error}") from error
        opened = opened_by(probed.text, self.pairs)
        if opened is None and (ours := self.opened(roles, thinking)) is not None:
            text += f"{ours.opening}\n"
        return text + opened.ending if opened is not None and closed else text

    def opened(self, roles: Sequence[Role], thinking: bool) -> Pair | None:
        """Return the pair of markers that a prompt of these roles opens. Where a model thinks if asked, we open it."""
        if (found := opened_by(self._probe(tuple(roles), thinking).text, self.pairs)) is not None:
            return found
        named = [pair for pair in self.pairs if self._names(pair)]
        return named[0] if thinking and named and self.thinking == "optional" else None

    def _names(self, pair: Pair) -> bool:
        return pair.opening in self.source or pair.closing in self.source

    def _probe(self, roles: tuple[Role, ...], thinking: bool = False) -> Probed:
        if (probed := self._shapes.get((roles, thinking))) is None:
            probed = probe(lambda turns: self._apply(turns, thinking), roles)
            if len(self._shapes) >= _MAX_SHAPES:
                self._shapes.clear()
            self._shapes[roles, thinking] = probed
        return probed

    def _apply(self, turns: list[dict[str, Any]], thinking: bool) -> str:
        return str(
            self._tokenizer.apply_chat_template(
                turns,
                chat_template=self.source,
                tokenize=False,
                add_generation_prompt=True,
                **thinking_switches(thinking),
            )
        )

    def _find_thinking(self) -> Thinking:
        """Find out what the template says: it opens thoughts though told not to, it has a switch, or it knows them."""
        off, on = (self._probe(("user",), wanted).text for wanted in (False, True))
        if opened_by(off, self.pairs):
            return "always"
        if off != on:
            return "optional"
        return "always" if any(pair.closing in self.source for pair in self.pairs) else "never"


def _choose_template(tokenizer: Any) -> str:
    """Return the template for plain conversations. Raises ModelLoadError when there are several and none is that."""
    templates = tokenizer.chat_template
    if not isinstance(templates, dict):
        return str(templates)
    if "default" not in templates and len(templates) > 1:
        raise ModelLoadError(
            f"The model has {len(templates)} chat templates ({', '.join(sorted(templates))}), and none of them is the "
            "default. Copy the one for conversations to chat_template.jinja in the model's folder, and remove the rest."
        )
    return str(templates.get("default") or next(iter(templates.values())))
