"""Reads a request's JSON body strictly: text that could not be stored or sent on is refused here."""

import json
from math import isinf
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from gptstore.api.http.errors import BadBody

JSON = "application/json"


def read_json(request: HttpRequest) -> Any:
    """Parse the body. Raises RequestDataTooBig, and BadBody for anything that is not RFC 8259 JSON in UTF-8."""
    if request.content_type not in ("", JSON):
        raise BadBody(f"Send the body with `Content-Type: {JSON}`.", 415)
    if len(request.body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig  # Django checks the header Content-Length only
    return parse_json(request.body, "The body")


def parse_json(data: bytes, what: str) -> Any:
    """Parse RFC 8259 JSON in UTF-8. what: the subject of the sentence that says what is wrong. Raises BadBody."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=refuse, parse_float=finite)
    except UnicodeDecodeError:
        raise BadBody(f"{what} is not UTF-8.") from None
    except RecursionError:
        raise BadBody(f"{what} is nested too deeply.") from None
    except ValueError as error:
        raise BadBody(str(error)) from None


def refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")


def finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise ValueError("A number is too large.")
    return number
