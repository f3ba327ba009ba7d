"""Lexers are compiled before the processor time of a text counts, those too that others hand code to."""

import subprocess
import sys

PROGRAM = """
from gptstore.sdk.render.highlight import load_lexer
from pygments.lexers.css import CssLexer
from pygments.lexers.javascript import JavascriptLexer
load_lexer("html")
print([lexer.__name__ for lexer in (CssLexer, JavascriptLexer) if "_tokens" not in vars(lexer)])
"""


def test_the_lexer_of_html_brings_those_of_scripts_and_styles() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
