"""Reads a request's body strictly, as JSON or as a form with files: text that could not be stored is refused here."""

import json
from base64 import b64encode
from math import isinf
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from ninja.parser import Parser

from gptstore.api.rest.errors import Kind, Problem
from gptstore.sdk.file import MAX_NAME

JSON = "application/json"
MULTIPART = "multipart/form-data"


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        """Parse the body. Raises Problem: 413, 415, or 400 for anything that is not RFC 8259 JSON in UTF-8."""
        if request.content_type == MULTIPART:
            return read_multipart(request)
        if request.content_type not in ("", JSON):
            raise Problem(
                Kind.UNSUPPORTED_MEDIA_TYPE, f"Send the body with `Content-Type: {JSON}`, or files with {MULTIPART}."
            )
        if len(request.body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig  # Django checks the header Content-Length only
        return read_json(request.body, "The body")


def read_json(data: bytes, what: str) -> Any:
    try:
        return json.loads(data.decode("utf-8"), parse_constant=refuse, parse_float=finite)
    except UnicodeDecodeError:
        raise Problem(Kind.INVALID_JSON, f"{what} is not UTF-8.") from None
    except RecursionError:
        raise Problem(Kind.INVALID_JSON, f"{what} is nested too deeply.") from None
    except ValueError as error:
        raise Problem(Kind.INVALID_JSON, str(error)) from None


def read_multipart(request: HttpRequest) -> dict[str, Any]:
    """Return the same body as JSON gives: the part `input` is JSON, and each file is the field of its part's name."""
    try:
        texts: dict[str, Any] = request.POST.dict()
        files: dict[str, Any] = request.FILES.dict()
    except (MultiPartParserError, TooManyFilesSent, TooManyFieldsSent) as error:
        raise Problem(Kind.INVALID_JSON, f"The body is not valid {MULTIPART}: {error}") from None
    text = texts.pop("input", "{}")
    given = files.pop("input", None)
    values = read_json(given.read() if given is not None else text.encode("utf-8", "replace"), "The part `input`")
    if not isinstance(values, dict):
        return {**texts, "input": values}
    if twice := sorted(values.keys() & files.keys()):
        raise Problem(Kind.INVALID_JSON, f"The field {twice[0]!r} is in the part `input` and a part of its own.")
    return {**texts, "input": {**values, **{name: as_json(file) for name, file in files.items()}}}


def as_json(file: Any) -> dict[str, str]:
    return {"name": str(file.name)[-MAX_NAME:], "data": b64encode(file.read()).decode()}


def refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")


def finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise ValueError("A number is too large.")
    return number
