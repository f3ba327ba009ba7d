"""Markers: the added tokens that structure a prompt, such as <|im_end|>, and texts that look like them.

A tokenizer matches its added tokens anywhere in a text, also where a user wrote them. Where a user did, the chat
template's own markers are renamed to names that nobody can guess, for a tokenizer that knows them by these names only
(`renaming`): what still looks like a marker is text. To tell which are the template's, whatever looks like a marker in
a message is hidden before the template is applied.
"""

import re
from collections.abc import Iterable, Mapping
from secrets import token_hex

from tokenizers import AddedToken

_BRACKETED = re.compile(r"[<\[({|].*[>\])}|]", re.DOTALL)
_LETTER = re.compile(r".|<0x[0-9A-F]{2}>|", re.DOTALL)


def find_markers(added: Iterable[AddedToken], special: Iterable[str], template: str) -> frozenset[str]:
    """Return the texts of all markers.

    Special tokens are markers, and so are other added tokens in brackets, or that the chat template mentions. The rest
    are words and white space, which a text may hold. A single character or byte is none: a text is spelt with them.
    """
    found = {token.content for token in added if token.special} | set(special)
    for text in (token.content for token in added if not token.special):
        is_word = text.isspace() or text.isalnum()
        if _BRACKETED.fullmatch(text.strip()) or (text in template and not is_word):
            found.add(text)
    return frozenset(text for text in found if not _LETTER.fullmatch(text))


class Markers:
    """The markers of one tokenizer.

    names: the secret name of each. renamed: those that a template's text gets; a tokenizer whose normalizer begins each
    text with a space may never find some of its own markers, and these are text in a template too.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        texts, secret = sorted(texts), token_hex(8)
        self.names: Mapping[str, str] = {text: f"<|{secret}{rank}|>" for rank, text in enumerate(texts)}
        self.renamed = self.names
        self._pattern = re.compile(_trie_pattern(texts) or "(?!)")
        self._longest = max(map(len, texts), default=0)
        self._starts = {text[:end] for text in texts for end in range(1, len(text))}
        self._ends = {text[start:] for text in texts for start in range(1, len(text))}
        self._hidden = re.compile(f"{secret}([0-9a-f]+);")
        self._hide = f"{secret}{{:x}};".format

    def all_in(self, text: str) -> list[str]:
        """Return the markers in a text, in their order."""
        return self._pattern.findall(text)

    def can_forge(self, text: str) -> bool:
        """Return whether a message's text holds a marker, or a part of one that its neighbours could complete."""
        return self._pattern.search(text) is not None or any(map(self._is_part, (text, text.strip())))

    def hide(self, text: str) -> str:
        """Hide characters, so that no part of the text looks like a marker, wherever a template puts it.

        Leading and trailing white space stays as it is, since many templates trim it.
        """
        at = {len(text) - len(text.lstrip()), len(text.rstrip()) - 1} if text.strip() else set()
        start = 0
        while found := self._pattern.search(text, start):
            at.add(found.start())
            start = found.start() + 1
        pieces, end = [], 0
        for place in sorted(at):
            pieces += [text[end:place], self._hide(ord(text[place]))]
            end = place + 1
        return "".join(pieces) + text[end:]

    def show(self, text: str) -> str:
        """Restore hidden characters."""
        return self._hidden.sub(lambda found: chr(int(found[1], 16)), text)

    def rename(self, text: str) -> str:
        """Replace each marker that a tokenizer finds by its secret name."""
        return self._pattern.sub(lambda found: self.renamed.get(found[0], found[0]), text)

    def _is_part(self, text: str) -> bool:
        lengths = range(1, min(self._longest, len(text) + 1))
        return any(text[:length] in self._ends or text[-length:] in self._starts for length in lengths)


def _trie_pattern(texts: Iterable[str]) -> str:
    """Return a regular expression for the longest of these texts at a place, tried in time that is linear in it."""
    branches: dict[str, list[str]] = {}
    ends = False
    for text in texts:
        if text:
            branches.setdefault(text[0], []).append(text[1:])
        else:
            ends = True
    if not branches:
        return ""
    each = [re.escape(first) + _trie_pattern(rest) for first, rest in branches.items()]
    pattern = each[0] if len(each) == 1 and not ends else f"(?:{'|'.join(each)})"
    return f"{pattern}?" if ends else pattern
