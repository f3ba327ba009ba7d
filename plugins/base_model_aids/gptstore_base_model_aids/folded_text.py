"""Folds a text to a form in which two spellings of the same words are equal, and remembers where it came from."""

import unicodedata
from functools import lru_cache

import regex

from gptstore.sdk.words import OPTIONAL, UNSPACED

GRAPHEME = regex.compile(r"\X")

COMPATIBLE = regex.compile(r"<(?:wide|narrow|compat|square|initial|medial|final|isolated)>")
WRAPPED_UNSPACED = regex.compile(rf"(?<=[{UNSPACED}])[^\S\n]*+\n[^\S\n]*+(?=[{UNSPACED}])")
SPACE = regex.compile(r"\s+")
OWN_SPACES = ("\u00a0", "\u2007", "\u2009", "\u202f", "\u3000")
ALIKE = {
    sign: signs[0]
    for signs in ("'’‘‛`´ʼ", '"“”„‟«»「」『』', "-‐‑‒–—―−﹣", "~〜", "%٪", "‰؉", ".٫", ",٬")
    for sign in signs
}
ALIKE |= {"ı": "i"}


class FoldedText:
    """A text in its folded form: `text`. Its characters know the grapheme clusters of the original that they stand for.

    Case, kinds of quotes, dashes and digits, full width, ligatures, composed and decomposed letters, Hebrew and Arabic
    points make no difference. A position in the folded text is a border if no cluster is cut there.
    """

    def __init__(self, original: str) -> None:
        self.original = original
        folded: list[str] = []
        self._starts: list[int] = []
        for match in GRAPHEME.finditer(original):
            cluster = fold_cluster(match[0])
            folded.append(cluster)
            self._starts += [match.start()] * len(cluster)
        self._starts.append(len(original))
        self.text = "".join(folded)

    def is_border(self, position: int) -> bool:
        return position == 0 or self._starts[position - 1] != self._starts[position]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return from where to where the original has what the folded text has between these borders."""
        last = GRAPHEME.match(self.original, self._starts[end - 1])
        return self._starts[start], last.end() if last else self._starts[end]


@lru_cache(maxsize=4096)
def fold_cluster(cluster: str) -> str:
    """Fold one grapheme cluster; the result is empty for one that nobody sees."""
    if cluster.isspace():
        return "\n" if cluster.splitlines() == [""] else " "
    compatible = "".join(map(fold_character, OPTIONAL.sub("", unicodedata.normalize("NFC", cluster))))
    folded = unicodedata.normalize("NFC", compatible.casefold()).replace("i\u0307", "i")
    return "".join(ALIKE.get(sign, sign) for sign in unicodedata.normalize("NFC", folded))


def fold_character(character: str) -> str:
    """Return a digit as one of ASCII, and a character that is another one in a special width or shape as that one."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if COMPATIBLE.match(unicodedata.decomposition(character)):
        compatible = unicodedata.normalize("NFKC", character)
        return character if " " in compatible else compatible
    return character


def one_line(text: str) -> str:
    """Put a text that is wrapped into one line; its own spaces stay, such as thin ones in a number.

    A line break between characters of scripts without spaces is left out.
    """
    return SPACE.sub(lambda space: space[0] if space[0] in OWN_SPACES else " ", WRAPPED_UNSPACED.sub("", text.strip()))
