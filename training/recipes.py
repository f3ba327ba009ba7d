"""The recipes of small functions in recipes.txt, and the values of their braces.

`{k}` is a small number, `{test}` and `{tested}` are one of TESTS, `{change}` and `{changed}` one of CHANGES, `{sign}`
and `{signs}` one of SIGNS. In a name `{t}`, `{c}` and `{s}` stand for a word of them.
"""

import re
from functools import cache
from pathlib import Path

TESTS: tuple[tuple[str, str, str], ...] = (
    ("even", "even", "x % 2 == 0"),
    ("odd", "odd", "x % 2 != 0"),
    ("positive", "positive", "x > 0"),
    ("negative", "negative", "x < 0"),
    ("large", "greater than {k}", "x > {k}"),
    ("small", "smaller than {k}", "x < {k}"),
    ("divisible", "divisible by {k}", "x % {k} == 0"),
)
CHANGES: tuple[tuple[str, str, str], ...] = (
    ("squares", "squares", "x ** 2"),
    ("cubes", "cubes", "x ** 3"),
    ("doubles", "doubles", "x * 2"),
    ("halves", "halves", "x / 2"),
    ("absolute_values", "absolute values", "abs(x)"),
)
SIGNS: tuple[tuple[str, str, str], ...] = (
    ("vowels", "vowels", "c.lower() in 'aeiou'"),
    ("consonants", "consonants", "c.isalpha() and c.lower() not in 'aeiou'"),
    ("digits", "digits", "c.isdigit()"),
    ("uppercase", "upper case letters", "c.isupper()"),
    ("lowercase", "lower case letters", "c.islower()"),
    ("letters", "letters", "c.isalpha()"),
    ("spaces", "spaces", "c == ' '"),
)

_RECIPE = re.compile(r"# (.+)\ndef ([\w{}]+)\((.+)\):\n((?: {4}.+\n)+)")


@cache
def read_recipes() -> list[tuple[str, ...]]:
    """Return task, name, parameters and body of each recipe; the lines of a body are not indented."""
    text = (Path(__file__).parent / "recipes.txt").read_text()
    return [
        (task, name, parameters, "\n".join(line[4:] for line in body.splitlines()))
        for task, name, parameters, body in _RECIPE.findall(text)
    ]
