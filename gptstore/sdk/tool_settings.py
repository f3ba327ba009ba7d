"""Settings of a tool, which an administrator of the store fills in: their fields, and their values in a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from gptstore.sdk.errors import ToolDefinitionError, ToolError, Unsupported, UnsupportedType
from gptstore.sdk.input_model import build_input_model
from gptstore.sdk.nested_model import REFUSED, read_field
from gptstore.sdk.parameter import Parameter

SUPPORTED = (
    "str, LongText, SecretStr, int, float, bool, Literal[...] and Enum of texts or of whole numbers, list[str], "
    "list[...] of such choices, date, each of these with `| None`, and Annotated[..., Field(...)] from gptstore.sdk"
)
_REFUSED = {kind: what for kind, what in REFUSED.items() if kind != "secret"} | {"messages": "a conversation"}


def read_settings_model(tool: str, kind: object) -> tuple[Parameter, ...]:
    """Return the fields of a pydantic model as inputs are read, with secrets beside them. Raises ToolDefinitionError.

    tool: the name to use in error messages.
    """
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        raise ToolDefinitionError(f"tool {tool}: settings= takes a pydantic model (the class), not {kind!r}")
    return tuple(_read_fields(tool, kind))


def read_settings(kind: type[BaseModel] | None, values: Mapping[str, Any] | None) -> BaseModel | None:
    """Return the settings of a run, an instance of the tool's model; None where the tool declares none.

    Raises ToolError, which names the wrong setting and never its value.
    """
    if kind is None:
        return None
    given = dict(values or {})
    try:
        build_input_model(kind.__name__, read_settings_model(kind.__name__, kind)).model_validate(given)
        return kind.model_validate(given)  # the model may have rules of its own
    except ValidationError as error:
        places = [".".join(map(str, problem["loc"])) or "the whole" for problem in error.errors(include_url=False)]
    named = ", ".join(dict.fromkeys(places))
    raise ToolError(f"The settings of this tool do not fit: {named}. Tell the administrators of this site.")


def _read_fields(tool: str, model: type[BaseModel]) -> Iterator[Parameter]:
    for name, info in model.model_fields.items():
        where = f"tool {tool}, setting {name!r}"
        try:
            field = read_field(name, info, _REFUSED)
            if field.kind == "secret":
                _check_secret(field)
            yield field
        except UnsupportedType as error:
            raise ToolDefinitionError(f"{where}: {error}. Supported are {SUPPORTED}") from None
        except Unsupported as error:
            raise ToolDefinitionError(f"{where}: {error}") from None


def _check_secret(field: Parameter) -> None:
    if field.default:
        raise Unsupported("a secret has no default that everybody can read")
    if field.options.examples is not None:
        raise Unsupported("a secret has no examples that everybody can read")
