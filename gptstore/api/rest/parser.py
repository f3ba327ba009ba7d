"""Has ninja read bodies as every API of the store does."""

from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from gptstore.api.http.errors import BadBody
from gptstore.api.http.json_body import read_json
from gptstore.api.rest.errors import Kind, Problem


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        """Parse the body. Raises Problem: 415, or 400 for anything that is not RFC 8259 JSON in UTF-8."""
        try:
            return read_json(request)
        except BadBody as error:
            kind = Kind.UNSUPPORTED_MEDIA_TYPE if error.status == 415 else Kind.INVALID_JSON
            raise Problem(kind, error.detail) from None
