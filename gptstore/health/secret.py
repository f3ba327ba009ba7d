"""Lets the settings load without a secret key, for the doctor alone. Knows no Django, which reads them first."""

import os

NAME = "GPTSTORE_SECRET_KEY"
STAND_IN = "none"


def stand_in() -> None:
    """Set a key where there is none: the doctor signs nothing, and reports that the key is missing."""
    if not os.environ.get(NAME):
        os.environ[NAME] = STAND_IN
