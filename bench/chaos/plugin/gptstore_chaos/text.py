"""A text that follows from two numbers, so that a client knows the right answer."""

import random

SYLLABLES = ("ka", "lo", "mi", "nu", "re", "sa", "té", "vø", "字", "雨")
WORDS_A_LINE = 7


def lines(seed: int, words: int) -> list[str]:
    """Return lines of up to seven words, each word with the white space that follows it."""
    chance = random.Random(f"{seed}/{words}")
    chosen = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(words)]
    return [" ".join(chosen[start : start + WORDS_A_LINE]) + "\n" for start in range(0, words, WORDS_A_LINE)]
