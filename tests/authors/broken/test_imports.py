"""Each of the plugins in `imports.py` gets the one precise line that stands there beside it."""

import pytest

from tests.authors.broken.conftest import Check
from tests.authors.broken.imports import IMPORTS
from tests.authors.broken.plugin import Broken


@pytest.mark.parametrize("broken", IMPORTS, ids=lambda broken: broken.name)
def test_a_broken_plugin_gets_one_precise_line(broken: Broken, gets_its_line: Check) -> None:
    gets_its_line(broken)
