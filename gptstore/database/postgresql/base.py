"""Django's PostgreSQL backend, with spare connections."""

import select
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.creation import DatabaseCreation
from psycopg.pq import TransactionStatus

from gptstore.database.spare import Sparing


class Creation(DatabaseCreation):
    """A database to which somebody is connected cannot be dropped."""

    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:
        self.connection.close_spares()  # type: ignore[attr-defined]
        super()._destroy_test_db(test_database_name, verbosity)  # type: ignore[misc]


class DatabaseWrapper(Sparing, base.DatabaseWrapper):
    creation_class = Creation

    def is_clean(self, connection: Any) -> bool:
        return bool(connection.info.transaction_status == TransactionStatus.IDLE)

    def is_alive(self, connection: Any) -> bool:
        """A server that ends, or ends the connection, says so on the socket; from one that lives nothing is to come."""
        if connection.closed:
            return False
        socket = select.poll()
        socket.register(connection.fileno(), select.POLLIN)
        return not socket.poll(0)
