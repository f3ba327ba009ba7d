"""Tells numbers that a model has written in words, as people write small ones."""

import re

_WORDS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve",
    "fr": "zéro un|une deux trois quatre cinq six sept huit neuf dix onze douze",
    "de": "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "es": "cero un|una|uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "zh": "零|〇 一 二|两 三 四 五 六 七 八 九 十 十一 十二",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "zh": "二十 三十 四十 五十 六十 七十 八十 九十",
}
NUMBER_WORDS = {
    language: dict(zip([*range(13), *range(20, 100, 10)], f"{words} {_TENS[language]}".split(), strict=True))
    for language, words in _WORDS.items()
}
"""The words by language and number; German and Spanish ones may have an ending."""


def is_in_words(number: str, text: str, language: str) -> bool:
    """Return whether the text has a word for the number: one up to twelve, or of tens; language: ISO 639-1 code."""
    words = NUMBER_WORDS[language].get(int(number)) if number.isdecimal() else None
    if words is None:
        return False
    pattern = words if language == "zh" else rf"\b(?:{words}){'(?:e[mnrs]?)?' * (language == 'de')}\b"
    return re.search(pattern, text, re.IGNORECASE) is not None
