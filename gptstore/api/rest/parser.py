"""Reads a request's JSON body strictly: text that could not be stored or sent on is refused here."""

import json
from math import isinf
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja.parser import Parser

from gptstore.api.rest.errors import Kind, Problem

JSON = "application/json"


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        """Parse the body. Raises Problem: 413, 415, or 400 for anything that is not RFC 8259 JSON in UTF-8."""
        if request.content_type not in ("", JSON):
            raise Problem(Kind.UNSUPPORTED_MEDIA_TYPE, f"Send the body with `Content-Type: {JSON}`.")
        if len(request.body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig  # Django checks the header Content-Length only
        try:
            return json.loads(request.body.decode("utf-8"), parse_constant=refuse, parse_float=finite)
        except UnicodeDecodeError:
            raise Problem(Kind.INVALID_JSON, "The body is not UTF-8.") from None
        except RecursionError:
            raise Problem(Kind.INVALID_JSON, "The body is nested too deeply.") from None
        except ValueError as error:
            raise Problem(Kind.INVALID_JSON, str(error)) from None


def refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")


def finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise ValueError("A number is too large.")
    return number
