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
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError as InvalidLimits
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from gptstore.catalog.decisions import MAX_POSITION
from gptstore.catalog.limits import check_admin_limits
from gptstore.releases.errors import ReleaseError

NAME = r"^[^\x00-\x1f\x7f]{1,150}$"
"""A name of people or groups, of which a terminal and a database make nothing else."""


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
    """What admins choose for a tool; None leaves it as it is.

    settings: with each `{ env = "NAME" }` still in it; `values` has what the variables hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool | None = None
    visibility: Literal["public", "signed_in", "groups", "hidden"] | None = None
    groups: list[Annotated[str, Field(pattern=NAME)]] | None = None
    category: Annotated[str, Field(max_length=50)] | None = None
    featured: Annotated[int, Field(strict=True, ge=0, le=MAX_POSITION)] | Literal[False] | None = None
    limits: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None

    @model_validator(mode="after")
    def check_groups(self) -> "ToolEntry":
        if (self.visibility == "groups") != (self.groups is not None):
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
        """Return the settings with the values of variables. Raises ReleaseError for those that are not set."""
        given = self.settings or {}
        named = [variable_of(value) for value in given.values()]
        if absent := sorted({name for name in named if name and name not in os.environ}):
            plural = "The variables {names}, which the file names, are not set."
            one = "The variable {names}, which the file names, is not set."
            raise ReleaseError((plural if len(absent) > 1 else one).format(names=", ".join(absent)))
        return {name: os.environ[variable_of(value)] if variable_of(value) else value for name, value in given.items()}


class StoreFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    plugins: dict[str, PluginEntry] = {}
    tools: dict[str, ToolEntry] = {}

    @classmethod
    def read(cls, path: Path) -> "StoreFile":
        """Read the file. Raises ReleaseError."""
        try:
            return cls.parse(path.read_text(encoding="utf-8"), str(path))
        except OSError as error:
            raise ReleaseError(f"{path} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError as error:
            raise ReleaseError(f"{path} is no TOML: {error}.") from None

    @classmethod
    def parse(cls, text: str, name: str) -> "StoreFile":
        """Parse the text of the file with this name. Raises ReleaseError."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ReleaseError(f"{name} is no TOML: {error}.") from None
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            named = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
            raise ReleaseError(f"{name} does not fit. {named}.") from None

    def only(self, plugins: Collection[str], tools: Collection[str]) -> "StoreFile":
        """Return what the file says of these alone."""
        return StoreFile(
            plugins={name: entry for name, entry in self.plugins.items() if name in plugins},
            tools={slug: entry for slug, entry in self.tools.items() if slug in tools},
        )


def variable_of(value: Any) -> str:
    """Return the name of the variable in `{ env = "NAME" }`, "" for any other value."""
    return str(value["env"]) if isinstance(value, dict) and value.keys() == {"env"} else ""
