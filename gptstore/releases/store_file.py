"""`store.toml`: which releases and settings a store is to have, as a file that operators keep in version control.

    [plugins.acme-tool]
    version = "1.2.0"                     # or live = false: taken down

    [tools.say]
    enabled = true
    visibility = "groups"                 # or public, signed_in, hidden
    groups = ["legal"]
    category = "writing"                  # "" for the one that its author names
    featured = 1                          # or false
    limits = { max_seconds = 60 }         # all of the admin's: {} for none
    settings = { unit = "km", api_key = { env = "ACME_KEY" } }

What the file does not name stays as it is. A secret is named by the variable of the environment that holds it.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError as InvalidLimits
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from gptstore.catalog.decisions import MAX_POSITION
from gptstore.catalog.limits import check_admin_limits
from gptstore.releases.errors import ReleaseError


class PluginEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = ""
    live: bool = True

    @model_validator(mode="after")
    def check_version(self) -> "PluginEntry":
        if self.live != bool(self.version):
            raise ValueError('give version = "…", or live = false')
        return self


class ToolEntry(BaseModel):
    """settings: with each `{ env = "NAME" }` still in it; `values` has what the variables hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool | None = None
    visibility: Literal["public", "signed_in", "groups", "hidden"] | None = None
    groups: list[str] | None = None
    category: str | None = None
    featured: Annotated[int, Field(strict=True, ge=0, le=MAX_POSITION)] | Literal[False] | None = None
    limits: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None

    @model_validator(mode="after")
    def check_groups(self) -> "ToolEntry":
        if (self.visibility == "groups") != bool(self.groups):
            raise ValueError('give visibility = "groups" and groups = ["…"] together, or neither')
        return self

    @field_validator("limits")
    @classmethod
    def check_limits(cls, limits: dict[str, Any] | None) -> dict[str, Any] | None:
        try:
            check_admin_limits(limits or {})
        except InvalidLimits as error:
            raise ValueError("; ".join(error.messages)) from None
        return limits

    @property
    def values(self) -> dict[str, Any]:
        """Return the settings with the values of variables. Raises ReleaseError for one that is not set."""
        return {name: read_variable(value) for name, value in (self.settings or {}).items()}


class StoreFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    plugins: dict[str, PluginEntry] = {}
    tools: dict[str, ToolEntry] = {}

    @classmethod
    def read(cls, path: Path) -> "StoreFile":
        """Read the file. Raises ReleaseError."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise ReleaseError(f"{path} cannot be read: {error.strerror}.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ReleaseError(f"{path} is no TOML: {error}.") from None
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            named = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
            raise ReleaseError(f"{path} does not fit. {named}.") from None


def read_variable(value: Any) -> Any:
    if not (isinstance(value, dict) and value.keys() == {"env"}):
        return value
    name = str(value["env"])
    if name not in os.environ:
        raise ReleaseError(f"The variable {name}, which the file names, is not set.")
    return os.environ[name]
