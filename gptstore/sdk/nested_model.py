"""Reads the fields of a pydantic model: one that a tool takes as one input, or the one of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gptstore.sdk.declared_values import NO_DEFAULT, complete
from gptstore.sdk.errors import Unsupported, UnsupportedType
from gptstore.sdk.field import Field
from gptstore.sdk.parameter import Parameter, read_annotation

REFUSED = {
    "object": "a model inside a model",
    "document": "a file inside a model",
    "table": "a file inside a model",
    "secret": "the type SecretStr",
}
"""The kinds that fields of a model do not have."""

_RULES = ("validators", "field_validators", "root_validators", "model_validators")


def with_fields(parameter: Parameter) -> Parameter:
    """Return the parameter of an object with the parameters of its model. Raises Unsupported."""
    if parameter.model is None:
        return parameter
    return replace(parameter, fields=_read_fields(parameter.model))


def _read_fields(model: type[BaseModel]) -> tuple[Parameter, ...]:
    name = model.__name__
    if any(getattr(model.__pydantic_decorators__, rules) for rules in _RULES):
        raise Unsupported(
            f"{name} has validators, which neither the form nor the API can run; check its values in the tool, "
            "and raise ToolError"
        )
    if not model.model_fields:
        raise Unsupported(f"{name} has no fields")
    return tuple(_read_nested(f"{name}.{field}", field, info) for field, info in model.model_fields.items())


def _read_nested(where: str, name: str, info: FieldInfo) -> Parameter:
    try:
        parameter = read_field(name, info, REFUSED)
        if parameter.options.group is not None:
            raise Unsupported("Field(group=…) is for the tool's own parameters; a model is a group already")
        return parameter
    except UnsupportedType as error:
        raise UnsupportedType(f"{where}: {error}") from None
    except Unsupported as error:
        raise Unsupported(f"{where}: {error}") from None


def read_field(name: str, info: FieldInfo, refused: Mapping[str, str]) -> Parameter:
    """Return the parameter of one field. Raises Unsupported. refused: by kinds, how the message names them."""
    if info.alias is not None or info.validation_alias is not None:
        raise Unsupported("an alias is not supported")
    parameter = _described(read_annotation(name, _annotation(info)), info)
    if parameter.kind in refused:
        raise UnsupportedType(f"{refused[parameter.kind]} is not supported")
    return complete(parameter, _default(info))


def _annotation(info: FieldInfo) -> Any:
    """Return the annotation as the author wrote it: pydantic keeps what stood in `Annotated` beside the type."""
    for item in info.metadata:
        if type(item).__module__.split(".")[0] in ("annotated_types", "pydantic"):
            raise UnsupportedType("use Field from gptstore.sdk instead of pydantic's")
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def _described(parameter: Parameter, info: FieldInfo) -> Parameter:
    """Return the parameter with the title and the description of pydantic's own Field, where it has no other."""
    words = Field(title=info.title, description=info.description)
    return replace(parameter, options=words.updated(parameter.options))


def _default(info: FieldInfo) -> Any:
    return NO_DEFAULT if info.is_required() else info.get_default(call_default_factory=True, validated_data={})
