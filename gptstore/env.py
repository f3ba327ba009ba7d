"""What an operator can set: one typed class, read from `GPTSTORE_*` variables and checked at start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NonNegativeInt, PositiveInt, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent


def split_commas(value: object) -> object:
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


Names = Annotated[list[str], NoDecode, BeforeValidator(split_commas)]


class Environment(BaseSettings):
    """Every setting of the site and of a worker. A variable that is empty counts as not set."""

    model_config = SettingsConfigDict(env_prefix="GPTSTORE_", env_ignore_empty=True, extra="ignore")

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
    keep_jobs_days: Annotated[int, Field(ge=1, le=36500)] | None = Field(
        None,
        description="How many days a job is kept after its end; then workers delete it with its input and output. "
        "Default: for ever.",
    )
    model: str = Field(
        "bundled",
        description="The shared model of a worker: a Hugging Face hub id, a folder, `bundled` for the demo model, or "
        "`echo` for none: each prompt is said back word by word, to try a fleet or to measure it.",
    )
    device: str = Field("auto", description="Where a worker runs the model: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="Number format of the model's weights."
    )
    kv_cache_gb: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="Memory for what the model has read and made, of all running requests and of earlier ones that "
        "begin alike, in gigabytes. Default: a share of the device's free memory, at most what `GPTSTORE_MAX_BATCH` "
        "requests of full length need.",
    )
    max_batch: PositiveInt = Field(
        64, description="How many requests the model works on at a time; others wait for their turn."
    )
    prefill_chunk: Annotated[int, Field(ge=64, le=512)] | None = Field(
        None,
        description="Tokens of one prompt that are read in a step while other requests are answered, 64 to 512: fewer "
        "let these answers flow more evenly, more let the new one begin sooner. Default: 64 on a CPU, 512 on a GPU.",
    )
    threads: PositiveInt | None = Field(
        None,
        description="Threads of the model's arithmetic on a CPU. Default: one for each core, a single one for a small "
        "model.",
    )
    engine_url: str = Field(
        "",
        description="Address of a server with OpenAI's API that runs the model instead of the worker, such as "
        "`http://gpu:8000`; see [remote-engine.md](remote-engine.md). The settings from `GPTSTORE_MODEL` to "
        "`GPTSTORE_THREADS` then mean nothing.",
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
    worker_concurrency: PositiveInt = Field(
        64, description="How many jobs one worker runs at a time. They share its model."
    )
    job_max_seconds: int = Field(
        3600,
        ge=1,
        le=6000,
        description="How long a run may take, in seconds, whatever its tool allows: 1 to 6000, which is less than half "
        "of the four hours after which Redis gives a worker's message to another one.",
    )
    sandbox: bool = Field(
        True,
        description="Whether each plugin's code runs in processes of its own that reach no file, network or process "
        "but what they need: see [security-model.md](security-model.md). Linux only; elsewhere it runs in the worker.",
    )
    sandbox_level: Literal["none", "reduced", "full"] = Field(
        "reduced",
        description="The lowest level of the sandbox at which a worker runs plugins that are not built in: `full`; "
        "`reduced`, where files, network and programs are closed, but not everything else; `none`, to run them anyway.",
    )
    releases: Path | None = Field(
        None,
        description="Folder with releases of plugins, each of which gets a Python environment of its own: see "
        "[operating.md](operating.md#releases-of-plugins).",
    )
    network_plugins: Names = Field(
        [],
        description="Plugins whose tools may open connections, if they ask for it: names of packages such as "
        "`acme-weather`, separated by commas. They then reach all that the worker's machine reaches.",
    )
    tool_memory_mb: PositiveInt = Field(
        1024,
        description="Memory that one run in the sandbox may take, in megabytes of address space, all that its plugin "
        "imports included. Without the sandbox memory has no bound.",
    )
    tool_output_mb: PositiveInt = Field(
        10, description="Output that one run may give, in megabytes, whatever its tool allows."
    )
    tool_model_tokens: PositiveInt = Field(
        1_000_000,
        description="Tokens that one run may use, whatever its tool allows, in prompts and answers together. "
        "The default is enough to read the longest input once, and to answer.",
    )
    tool_log_lines: PositiveInt = Field(
        10_000, description="Lines that one run may log, whatever its tool allows. A line has up to 2,000 characters."
    )
    operator_hooks: Names = Field(
        [],
        description="Your own code that screens what goes into tools and comes out of them, and hears of jobs that "
        "ended: names in the order in which they are asked, separated by commas; see "
        "[operator-hooks.md](operator-hooks.md). `masking` masks e-mail addresses, phone and card numbers in inputs. "
        "Set it for every worker alike.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe log lines to write."
    )
    log_format: Literal["console", "json"] = Field("console", description="Log lines for people or for machines.")

    @property
    def environments(self) -> Path:
        """Where the environments of releases are."""
        return self.var / "environments"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.var / 'gptstore.sqlite3'}"

    @property
    def broker_url(self) -> str:
        """The Redis URL in the spelling of Celery, which has its own scheme for unix sockets."""
        if not self.redis_url.startswith("unix://"):
            return self.redis_url
        return self.redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


class BadSetting(Exception):
    """Raised when a `GPTSTORE_*` variable has a value that makes no sense. The message says which and why."""


def read_environment() -> Environment:
    """What the variables of this process say. Raises BadSetting."""
    try:
        return Environment()
    except ValidationError as error:
        raise BadSetting(" ".join(describe(fault) for fault in error.errors())) from None


def describe(fault: Mapping[str, Any]) -> str:
    return f"GPTSTORE_{str(fault['loc'][0]).upper()} is {fault['input']!r}. {fault['msg']}."
