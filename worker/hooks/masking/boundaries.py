"""The boundaries of a number in a text: mostly pieces of regular expressions.

The characters that may not follow a number also keep another number from beginning there, or join it to an address. So
of two numbers that touch none is masked, rather than one of them and in a second pass the other.
"""

import re

DASHES = r"\-\u2010-\u2015\u2212"
SPACES = " \u00a0\u2000-\u200a\u202f\u205f\u3000"

NOT_WITHIN_NUMBER = r"(?<!\d)(?<!\d[.-])"
DIGIT_FIRST = r"(?<![A-Za-z_])(?<!\d\+)(?<!\d[.-]\+)"
"""The further condition on where a number begins with a digit."""
END = r"(?![A-Za-z0-9_@])(?![.-]?\+?\d)"
AFTER = re.compile(END)
