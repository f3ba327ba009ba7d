"""JSON whose objects keep the order of their names: the one in which a form asks for its inputs."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class OrderedJSONField(models.JSONField):
    """A JSONField that is kept as text, since PostgreSQL's jsonb sorts names. It can't be searched by its content."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "text"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        return value if value is None else json.dumps(value, cls=self.encoder)
