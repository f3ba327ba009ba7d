"""Swaps names and numbers in sentence pairs, so that a translator learns to copy them."""

import re
from random import Random

from training.tasks import Row

CHANGED_SHARE = 0.4

_NAMES = """
Anna Marie Paul Peter Lena David Sarah Thomas Laura Martin Julia Daniel Sofia Lucas Emma Carlos Nina Felix Clara Simon
Alice Oscar Helen Victor Irene Hugo Eva Max Rosa Leo Ada Ben Carla Diego Elena Frank Greta Henry Ines Jonas Karin Lucia
Mark Nora Olga Pablo Ruth Sam Tina Viola Walter Yara Amir Chen Kofi Priya Omar Yuki Mina Ravi
"""
NAMES = tuple(_NAMES.split())
_NAME = re.compile(r"\b(Tom|Mary|John|Maria|Jack|Bill|Jim|Bob|Ken|Mike|Tony|Jane|Susan|George|Alice|Nancy|Emily)\b")
_NUMBER = re.compile(r"(?<![\d.,:])\d{1,4}(?![\d.,:]\d)")


def change_names(row: Row, random: Random) -> Row:
    """Return the pair as it is, or with another name or number at the same places of both sentences."""
    if random.random() >= CHANGED_SHARE:
        return row
    for pattern, draw in ((_NAME, _draw_name), (_NUMBER, _draw_number)):
        for old in set(pattern.findall(row[0])):
            found = re.compile(rf"\b{old}\b")
            if len(found.findall(row[0])) == len(found.findall(row[1])):
                new = draw(old, random)
                row = tuple(found.sub(new, sentence) for sentence in row)
    return row


def _draw_name(old: str, random: Random) -> str:
    return random.choice(NAMES)


def _draw_number(old: str, random: Random) -> str:
    return str(random.randrange(10 ** (len(old) - 1), 10 ** len(old))) if old != "1" else old
