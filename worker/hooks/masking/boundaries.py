"""Where a number may begin and end in a text. Most of what follows here are pieces of regular expressions.

What may not stand behind a number is chosen so that it also keeps another number from beginning there, or joins it to
an address. So of two numbers that touch none is masked, rather than one of them and in a second pass the other.
"""

import re

DASHES = r"\-\u2010-\u2013"
SPACES = " \u00a0\u2009\u202f"

NOT_WITHIN_NUMBER = r"(?<!\d)(?<!\d[.-])"
DIGIT_FIRST = r"(?<![A-Za-z_])(?<!\d\+)(?<!\d[.-]\+)"
"""What holds besides where a number begins with a digit."""
END = r"(?![A-Za-z0-9_@])(?![.-]?\+?\d)"
AFTER = re.compile(END)
