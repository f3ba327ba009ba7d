"""The words of a text that carry its meaning, in a form that can be compared, and their weights (IDF)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
"""Chinese characters, for a character class of a regular expression."""

TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[{HAN}]+|[^\W\d_{HAN}]+")
"""Finds a number, a run of Chinese characters, or a word of letters."""

IS_HAN = re.compile(rf"[{HAN}]")

_COMMON_WORDS = """
a about after all also an and any are as at be been before but by can could did do does for from had has have he her
him his how if in into is it its me more most my no not of on one or our she so some such than that the their them
then there these they this those to up us was we were what when where which while who whom whose why will with would
yes you your
au aux avec ce ces cette dans de des du elle elles en est et il ils la le les leur mais ne non nous oui ou par pas
pour que qui sa se ses son sont sur un une vous
aber als am auch auf aus bei bis das dass dem den der die ein eine einem einen einer er es für hat ich im in ist ja
man mit nach nein nicht noch nur oder sich sie sind so und von vor war wie wir wird zu zum zur
al como con del el ella ellos era es esta este fue ha la las lo los más muy no o para pero por que se sin su sus
sí también un una y ya
"""
COMMON = frozenset(_COMMON_WORDS.split())


def content_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without the most common ones of English, French, German and Spanish.

    A plural in s counts as its singular. Chinese, which has no spaces, comes as pairs of characters.
    """
    words = []
    for token in TOKEN.findall(text.casefold().replace("’", "'")):
        if IS_HAN.match(token):
            words += [token[i : i + 2] for i in range(max(len(token) - 1, 1))]
        elif token not in COMMON and (len(token) > 1 or token.isdigit()):
            words.append(_stem(token))
    return words


def _stem(word: str) -> str:
    """Return a word's stem, the same for plural and singular in the languages that form it with an s."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


class IdfWeights:
    """Weigh words by their inverse document frequency: log(1 + N / n) for a word in n of N texts.

    Rare words weigh more than frequent ones; a word in none of the texts counts as one in a single text.
    Each text is given as the set of its words.
    """

    def __init__(self, texts: Sequence[frozenset[str]]) -> None:
        self._texts = max(len(texts), 1)
        self._counts = Counter(word for text in texts for word in text)

    def sum(self, words: Iterable[str]) -> float:
        """Add up the weights of these words."""
        return math.fsum(math.log(1 + self._texts / max(self._counts[word], 1)) for word in words)
