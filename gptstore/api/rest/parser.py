"""Has ninja read bodies strictly, as JSON or as a form with files."""

from base64 import b64encode
from typing import Any

from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from ninja.parser import Parser

from gptstore.api.http.errors import BadBody
from gptstore.api.http.json_body import JSON, parse_json, read_json
from gptstore.api.rest.errors import Kind, Problem
from gptstore.sdk.file import MAX_NAME

MULTIPART = "multipart/form-data"


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        """Parse the body. Raises Problem: 415, or 400 for anything that is not RFC 8259 JSON in UTF-8."""
        try:
            return read_multipart(request) if request.content_type == MULTIPART else read_json(request)
        except BadBody as error:
            if error.status == 415:
                advice = f"Send the body with `Content-Type: {JSON}`, or files with {MULTIPART}."
                raise Problem(Kind.UNSUPPORTED_MEDIA_TYPE, advice) from None
            raise Problem(Kind.INVALID_JSON, error.detail) from None


def read_multipart(request: HttpRequest) -> dict[str, Any]:
    """Return the same body as JSON gives: the part `input` is JSON, and each file is the field of its part's name.

    Raises BadBody.
    """
    try:
        texts: dict[str, Any] = request.POST.dict()
        files: dict[str, Any] = request.FILES.dict()
    except (MultiPartParserError, TooManyFilesSent, TooManyFieldsSent) as error:
        raise BadBody(f"The body is not valid {MULTIPART}: {error}") from None
    text = texts.pop("input", "{}")
    given = files.pop("input", None)
    data = given.read() if given is not None else text.encode("utf-8", "replace")
    values = parse_json(data, "The part `input`")
    if not isinstance(values, dict):
        return {**texts, "input": values}
    if twice := sorted(values.keys() & files.keys()):
        raise BadBody(f"The field {twice[0]!r} is in the part `input` and a part of its own.")
    return {**texts, "input": {**values, **{name: as_json(file) for name, file in files.items()}}}


def as_json(file: Any) -> dict[str, str]:
    return {"name": str(file.name)[-MAX_NAME:], "data": b64encode(file.read()).decode()}
