#!/usr/bin/env python
"""Django's entry for the store's commands: `python manage.py help`."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from gptstore.health.secret import stand_in

WITHOUT_SETTINGS: tuple[list[str], ...] = ([], ["help"], ["--help"], ["-h"], ["version"], ["--version"])


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gptstore.settings")
    if sys.argv[1:2] == ["doctor"]:
        stand_in()
    if sys.argv[1:2] not in WITHOUT_SETTINGS:
        read_settings()
    execute_from_command_line(sys.argv)


def read_settings() -> None:
    """Read the settings, or exit with a sentence: Django keeps quiet about what it can't read, and trips later."""
    try:
        _ = settings.INSTALLED_APPS
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py cannot start: {error}")


if __name__ == "__main__":
    main()
