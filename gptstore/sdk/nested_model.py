"""Reads the fields of a pydantic model that a tool takes as one input."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gptstore.sdk.declared_values import NO_DEFAULT, complete
from gptstore.sdk.errors import Unsupported, UnsupportedType
from gptstore.sdk.field import Field
from gptstore.sdk.parameter import Parameter, read_annotation

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
    return tuple(_read_field(model, field, info) for field, info in model.model_fields.items())


def _read_field(model: type[BaseModel], name: str, info: FieldInfo) -> Parameter:
    where = f"{model.__name__}.{name}"
    if info.alias is not None or info.validation_alias is not None:
        raise Unsupported(f"{where}: an alias is not supported")
    try:
        parameter = _described(read_annotation(name, _annotation(info)), info)
        if parameter.kind == "object":
            raise UnsupportedType("a model inside a model is not supported")
        if parameter.kind in ("document", "table"):
            raise UnsupportedType("a file inside a model is not supported")
        if parameter.options.group is not None:
            raise Unsupported("Field(group=…) is for the tool's own parameters; a model is a group already")
        return complete(parameter, _default(info))
    except UnsupportedType as error:
        raise UnsupportedType(f"{where}: {error}") from None
    except Unsupported as error:
        raise Unsupported(f"{where}: {error}") from None


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
