"""Django's SQLite backend, with spare connections."""

import os
from typing import Any

from django.db.backends.sqlite3 import base

from gptstore.database.spare import Sparing


class DatabaseWrapper(Sparing, base.DatabaseWrapper):
    def mark(self) -> object:
        """Which file it is: another one may have taken its place, such as a backup."""
        try:
            found = os.stat(self.settings_dict["NAME"])
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def is_clean(self, connection: Any) -> bool:
        return not connection.in_transaction
