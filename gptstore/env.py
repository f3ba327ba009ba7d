"""What an operator can set: one typed class, read from `GPTSTORE_*` variables and checked at start."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeInt, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent


def split_commas(value: object) -> object:
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


Names = Annotated[list[str], NoDecode, BeforeValidator(split_commas)]


class Environment(BaseSettings):
    """Every setting of the site and of a worker."""

    model_config = SettingsConfigDict(env_prefix="GPTSTORE_", extra="ignore")

    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs sessions. Required: 50 or more random characters, the same for every web process.",
    )
    debug: bool = Field(False, description="Django's debug pages. Never on a machine that others reach.")
    var: Path = Field(
        BASE_DIR / "var", description="Folder for what a single machine keeps: SQLite, static files, logs."
    )
    database_url: str = Field("", description="Database as a URL. Default: SQLite in the `var` folder.")
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0",
        description="Redis as a URL: `redis://…`, `rediss://…` or `unix:///path/to.sock?db=0`.",
    )
    allowed_hosts: Names = Field(
        ["localhost", "127.0.0.1", "[::1]"], description="Host names that the site answers to, separated by commas."
    )
    trusted_origins: Names = Field(
        [],
        description="Origins, such as `https://store.example`, whose forms are accepted behind a proxy, "
        "separated by commas.",
    )
    https: bool = Field(
        False,
        description="The site is reached over HTTPS only: secure cookies, HSTS, and `X-Forwarded-Proto` is believed.",
    )
    signup: bool = Field(True, description="Whether people can make their own accounts.")
    max_body_bytes: PositiveInt = Field(2_000_000, description="Largest request body, in bytes.")
    event_ttl_seconds: PositiveInt = Field(
        3600,
        description="How long the events of a job stay in Redis after the last one, in seconds. "
        "The output stays in the database.",
    )
    model: str = Field(
        "bundled",
        description="The shared model of a worker: a Hugging Face hub id, a folder, or `bundled` for the demo model.",
    )
    device: str = Field("auto", description="Where a worker runs the model: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="Number format of the model's weights."
    )
    engine_url: str = Field(
        "",
        description="Address of a server with OpenAI's API that runs the model instead of the worker, such as "
        "`http://gpu:8000`; see [remote-engine.md](remote-engine.md). `GPTSTORE_MODEL`, `GPTSTORE_DEVICE` and "
        "`GPTSTORE_DTYPE` then mean nothing.",
    )
    engine_key: SecretStr = Field(SecretStr(""), description="Key for that server, where it wants one.")
    engine_model: str = Field(
        "", description="The model's name on that server. Default: the first one that the server lists."
    )
    engine_context: NonNegativeInt = Field(
        0,
        description="Tokens that a prompt and its answer may have on that server; 0: what the server says, else 4096.",
    )
    engine_timeout_seconds: PositiveInt = Field(
        120, description="That server has failed when it says nothing for so long, in seconds."
    )
    worker_concurrency: PositiveInt = Field(8, description="How many jobs one worker runs at a time.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe log lines to write."
    )
    log_format: Literal["console", "json"] = Field("console", description="Log lines for people or for machines.")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.var / 'gptstore.sqlite3'}"

    @property
    def broker_url(self) -> str:
        """The Redis URL in the spelling of Celery, which has its own scheme for unix sockets."""
        if not self.redis_url.startswith("unix://"):
            return self.redis_url
        return self.redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
