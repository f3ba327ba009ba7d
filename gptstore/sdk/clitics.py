"""Small words that Korean, Arabic and Hebrew write onto a noun: "서울에서" is "in Seoul", "والقاهرة" "and Cairo"."""

from __future__ import annotations

import regex

_PARTICLES = """
으로서 으로써 으로 에게서 한테서 에서 에게 한테 로서 로써 까지 부터 처럼 보다 마다 조차 마저 밖에 만큼 이나 이랑 하고
께서 은 는 이 가 을 를 의 에 로 와 과 도 만 나 랑 야 께
"""
_COPULAS = "입니다 이었습니다 였습니다 이었다 였다 이다 이며 이고 이지만 인데 이에요 예요 이라고 이라는 라고 라는 인 다"
_PARTICLE = f"(?:{'|'.join(_PARTICLES.split())})"
_COPULA = f"(?:{'|'.join(_COPULAS.split())})"

AFTER_KOREAN = regex.compile(rf"(?:{_PARTICLE}{{1,2}}|{_PARTICLE}?{_COPULA})(?![\p{{L}}\p{{M}}\p{{N}}])")
"""Finds what may follow a noun up to the end of the word: one or two particles, or a form of "to be"."""

BEFORE_ARABIC = regex.compile(r"(?<![\p{L}\p{M}])(?:[وفبكل]?ال|لل|[وفبكل])$")
"""Finds what may stand before an Arabic noun: the prefixes of the stemmer light10 (Larkey et al., 2002), and "in"."""

BEFORE_HEBREW = regex.compile(r"(?<![\p{L}\p{M}])(?:[בהוכלמש]\p{M}*){1,3}$")
"""Finds what may stand before a Hebrew noun: "in", "the", "and", "as", "to", "from", "that"."""

_KOREAN_END = regex.compile(rf"(?<=[가-힣]{{2}}){_PARTICLE}$")
_KOREAN_COPULA = regex.compile(rf"(?<=[가-힣]{{2}}){_COPULA}$")
_ARABIC_START = regex.compile(r"^(?:و(?=\p{L}{3}))?(?:[وفبك]?ال|لل)?(?=\p{L}{2})")


def stem(word: str) -> str:
    """Return what most forms of a noun share, for comparing only: no s of a plural, no particle, no article.

    The s is cut off in Latin script, particles in Korean, "and" and the article in Arabic.
    """
    if word[0] >= "가" and word[0] <= "힣":
        return _without_particles(_KOREAN_COPULA.sub("", word))
    if "\u0620" <= word[0] <= "\u064a":
        return _ARABIC_START.sub("", word)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _without_particles(word: str) -> str:
    """Cut off particles until none is left, so that a noun that looks like one with a particle stays the same."""
    while (shorter := _KOREAN_END.sub("", word)) != word:
        word = shorter
    return word
