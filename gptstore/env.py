"""The settings of an operator: one typed class, read from `GPTSTORE_*` variables and checked at start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gptstore.bundle_storage import SCHEME, S3Address
from gptstore.mail import read_mail_server
from gptstore.proxies import check_proxy
from gptstore.sdk.bundle.format import MAX_BYTES
from gptstore.sdk.limits import DISK, LOG_LINES, MEMORY, MODEL_TOKENS, OUTPUT, SECONDS

BASE_DIR = Path(__file__).resolve().parent.parent


def split_commas(value: object) -> object:
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


def check_mail(url: SecretStr) -> SecretStr:
    read_mail_server(url.get_secret_value())
    return url


def check_bundles(place: str) -> str:
    if place.startswith(SCHEME):
        S3Address.parse(place)
    return place


Names = Annotated[list[str], NoDecode, BeforeValidator(split_commas)]
Proxies = Annotated[list[Annotated[str, AfterValidator(check_proxy)]], NoDecode, BeforeValidator(split_commas)]


MAX_BODY_BYTES = 7_500_000
MAX_FILE_BYTES = 5_000_000
"""The most that any tool's input gets: 625,000 characters. Some take 6 bytes each in every JSON, and an input goes to
the tool in one message of at most 4,000,000 bytes (`gptstore.sdk.host.channel`)."""


class Environment(BaseSettings):
    """Every setting of the site and of a worker. A variable that is empty counts as not set."""

    model_config = SettingsConfigDict(
        env_prefix="GPTSTORE_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs sessions. Required: 50 or more random characters, the same for every web process.",
    )
    debug: bool = Field(False, description="Show Django's debug pages. Never on a machine that others can reach.")
    var: Path = Field(BASE_DIR / "var", description="Folder for data of this machine: SQLite, static files, logs.")
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
        description="Origins, such as `https://store.example`, from which forms are accepted behind a reverse proxy "
        "(CSRF), separated by commas.",
    )
    https: bool = Field(
        False,
        description="The site is reached over HTTPS only: secure cookies, HSTS, and `X-Forwarded-Proto` is trusted.",
    )
    trusted_proxies: Proxies = Field(
        [],
        description="Reverse proxies whose `X-Forwarded-For` gives the visitor's address, by which sign-in is limited: "
        "addresses or networks such as `10.0.0.0/8`, `unix` for a Unix socket, `gateway` for the default gateway, "
        "from which a container's published port is reached; separated by commas. Default: none, so that the header "
        "is ignored.",
    )
    email_url: Annotated[SecretStr, AfterValidator(check_mail)] = Field(
        SecretStr(""),
        description="Mail server as a URL: `smtp://user:password@host:587?tls=true` for STARTTLS, `smtps://…` for TLS "
        "from the start, with special characters percent-encoded. Without it there are no e-mail addresses and no "
        "password reset by mail.",
    )
    email_from: str = Field("", description="Sender of mails, such as `store@example.org`. A mail server needs it.")
    hsts: Literal["host", "subdomains", "preload"] = Field(
        "host",
        description="What browsers are told to reach over HTTPS only, for a year, when `GPTSTORE_HTTPS` is set: this "
        "`host`; its `subdomains` too; or `preload`, which also allows the domain into the lists that browsers ship "
        "with. It is hard to take back.",
    )
    signup: bool = Field(True, description="Whether people can sign up for an account.")
    max_body_bytes: Annotated[int, Field(ge=1, le=MAX_BODY_BYTES)] | None = Field(
        None,
        description="Largest request body, in bytes, at most 7500000. Empty: 2000000, and more where a tool takes "
        "longer texts, so that each input that fits its schema arrives, 12 bytes for each character. Paths that take "
        "short forms only have lower limits of their own.",
    )
    max_file_bytes: Annotated[int, Field(ge=1, le=MAX_FILE_BYTES)] = Field(
        MAX_FILE_BYTES,
        description="Largest size of the files of one input together, in bytes, at most 5000000. Base64 makes a "
        "request with them a third longer, which `GPTSTORE_MAX_BODY_BYTES` has to allow if it is set.",
    )
    max_bundle_bytes: Annotated[int, Field(ge=1, le=MAX_BYTES)] = Field(
        200_000_000,
        description="Largest bundle that authors can submit, in bytes, at most 2000000000. It is written to the folder "
        "for temporary files, twice for a moment.",
    )
    request_seconds: PositiveInt = Field(
        120,
        description="Timeout: the headers of a request have to arrive within this many seconds, and its body within as "
        "many again, without pauses of more than a quarter of them.",
    )
    event_ttl_seconds: PositiveInt = Field(
        3600,
        description="How long the events of a job stay in Redis after the last one, in seconds (TTL). "
        "The output stays in the database.",
    )
    keep_jobs_days: Annotated[int, Field(ge=1, le=36500)] | None = Field(
        None,
        description="Retention: delete jobs this many days after they end, with their input and output. "
        "Default: keep them forever.",
    )
    model: str = Field(
        "bundled",
        description="The shared model of a worker: a Hugging Face hub id, a folder, `bundled` for the demo model, or "
        "`echo` for none: each prompt is echoed word by word, to test or benchmark a fleet of workers.",
    )
    device: str = Field("auto", description="Device that runs the model: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="dtype of the model's weights; `auto` chooses what suits the device."
    )
    weights: Literal["full", "int8"] = Field(
        "full",
        description="Quantization of the model's weights: `full` keeps them in their dtype, `int8` rounds them to 8 "
        "bits, which takes about half the memory and is faster on a CPU. The worker refuses to start where the "
        "model predicts a sample text too differently; see [models.md](models.md#int8-weights).",
    )
    kv_cache_gb: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="Size of the KV cache in gigabytes: keys and values of all running requests, and of earlier ones "
        "for prefix caching. Default: a share of the device's free memory, at most what `GPTSTORE_MAX_BATCH` requests "
        "of full length need.",
    )
    max_batch: PositiveInt = Field(
        64, description="Batch size: how many requests the model works on at a time; others wait for their turn."
    )
    prefill_chunk: Annotated[int, Field(ge=64, le=512)] | None = Field(
        None,
        description="Chunked prefill: tokens of one prompt that a step reads while other requests are answered, 64 to "
        "512. Fewer make those answers stream more evenly, more make the new one start sooner. Default: 64 on a CPU, "
        "512 on a GPU.",
    )
    grammar_seconds: Annotated[float, Field(gt=0, le=60)] = Field(
        2.0,
        description="Structured output: seconds of processor time that the JSON Schema of an answer may take to "
        "compile, in a process of its own, and beyond what is usual while the answer is generated.",
    )
    prompt_lookup: Literal["auto", "on", "off"] = Field(
        "off",
        description="Prompt lookup (speculative decoding without a second model): guess the next tokens from the "
        "prompt and the answer so far, and have the model check them in one step. Answers stay the same but for "
        "rounding. `auto`: on a "
        "CPU, while few requests run; `on`: also on a GPU.",
    )
    threads: PositiveInt | None = Field(
        None,
        description="CPU threads for the model's arithmetic. Default: one for each core, a single one for a small "
        "model.",
    )
    engine_url: str = Field(
        "",
        description="Address of a server with OpenAI's API that runs the model instead of the worker, such as "
        "`http://gpu:8000`; see [remote-engine.md](remote-engine.md). The settings from `GPTSTORE_MODEL` to "
        "`GPTSTORE_THREADS` then have no effect.",
    )
    engine_key: SecretStr = Field(SecretStr(""), description="API key for that server, if it needs one.")
    engine_model: str = Field(
        "", description="The model's name on that server. Default: the first one that the server lists."
    )
    engine_context: NonNegativeInt = Field(
        0,
        description="Context length on that server: tokens of a prompt and its answer together; 0: what the server "
        "reports, else 4096.",
    )
    engine_timeout_seconds: PositiveInt = Field(
        120, description="Timeout: a request fails when that server is silent for this many seconds."
    )
    worker_concurrency: PositiveInt = Field(
        64, description="How many jobs one worker runs at a time. They share its model."
    )
    job_max_seconds: int = Field(
        SECONDS.default,
        ge=1,
        le=6000,
        description="Timeout of a run in seconds, whatever its tool allows: 1 to 6000, which is less than half of the "
        "four hours after which Redis redelivers a worker's message to another one (visibility timeout).",
    )
    sandbox: bool = Field(
        True,
        description="Whether plugins run in sandboxed processes, which reach only the files, network and processes "
        "that they need: see [security-model.md](security-model.md). Linux only; elsewhere they run in the worker.",
    )
    sandbox_level: Literal["none", "reduced", "full"] = Field(
        "reduced",
        description="The lowest sandbox level at which a worker runs plugins that are not built in: `full`; `reduced`, "
        "which closes files, network and programs, but not everything else; `none`, to run them anyway.",
    )
    plugin_import_seconds: PositiveInt = Field(
        10,
        description="How long a plugin may take to be imported, in seconds. One that takes longer is left out, by "
        "`sync_tools` and by workers; the admin shows it.",
    )
    warm_hosts: PositiveInt = Field(
        16,
        description="How many deployed releases may have a process on each worker without having a run, some 30 MB "
        "each. Beyond that the least recently used one ends; its next run starts it again. While less than 1 GB of "
        "memory is available, it is 4 at most.",
    )
    releases: Path | None = Field(
        None,
        description="Folder with releases of plugins, each of which gets a virtual environment of its own: see "
        "[operating.md](operating.md#releases-of-plugins).",
    )
    bundles: Annotated[str, AfterValidator(check_bundles)] = Field(
        "",
        description="Where the bundles of submitted releases lie: a folder, or "
        "`s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-central-1` with `gptstore[s3]`; see "
        "[operating.md](operating.md#bundles). Default: `bundles` in the `var` folder.",
    )
    submissions: Literal["everyone", "staff"] = Field(
        "everyone",
        description="Who may submit releases: `everyone` with an account, or `staff`. A worker runs what was submitted "
        "in the sandbox before anybody has looked at it, so choose `staff` where strangers can sign up.",
    )
    signing_key: Path | None = Field(
        None,
        description="File with the private key by which the store signs releases that were approved. Web processes "
        "read it, workers need not. Default: `store.key` in the `var` folder, which is made when the first release is "
        "approved.",
    )
    trusted_keys: Path | None = Field(
        None,
        description="File with the public keys whose releases workers run: see "
        "[operating.md](operating.md#trusted-keys). Default: the public part of `GPTSTORE_SIGNING_KEY`.",
    )
    import_approvals: Annotated[int, Field(ge=1, le=2)] = Field(
        1,
        description="How many people of this store confirm a release that `manage.py import_release` or `import_store` "
        "brings from a trusted store. `1`: who runs the command. `2`: another one, too, in the admin. A release that "
        "reaches the network always needs two.",
    )
    canary_runs: Annotated[int, Field(ge=5, le=1000)] = Field(
        20,
        description="Canary: how many runs of the new release and of the live one are compared, at least.",
    )
    canary_minutes: Annotated[int, Field(ge=1, le=10080)] = Field(
        60,
        description="Canary: the time in minutes after which a release that has not got so many runs is rolled back.",
    )
    crash_count: Annotated[int, Field(ge=1, le=1000)] = Field(
        5,
        description="Quarantine: a release is taken out of use when so many different inputs made it crash or time "
        "out. One person's count for half of them at most; those of staff all count.",
    )
    crash_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        10, description="Quarantine: the time in minutes within which that has to happen."
    )
    network_plugins: Names = Field(
        [],
        description="Plugins whose tools get network access if they ask for it: names of packages such as "
        "`acme-weather`, separated by commas. They then reach everything that the worker's machine reaches.",
    )
    tool_memory_mb: PositiveInt = Field(
        MEMORY.default,
        description="Memory limit of one run in the sandbox, in megabytes of address space, including everything that "
        "its plugin imports. Without the sandbox memory is not limited.",
    )
    tool_disk_mb: PositiveInt = Field(
        DISK.default,
        description="Disk limit of one run in the sandbox, in megabytes, whatever its tool allows; also of what its "
        "plugin writes when it is imported. A file or a folder counts as 4 KB at least.",
    )
    tool_output_mb: PositiveInt = Field(
        OUTPUT.default, description="Output limit of one run in megabytes, whatever its tool allows."
    )
    tool_model_tokens: PositiveInt = Field(
        MODEL_TOKENS.default,
        description="Token limit of one run, for prompts and answers together, whatever its tool allows. "
        "The default is enough to read the longest input once, and to answer.",
    )
    tool_log_lines: PositiveInt = Field(
        LOG_LINES.default,
        description="Log lines that one run may write, whatever its tool allows. A line has up to 2,000 characters.",
    )
    operator_hooks: Names = Field(
        [],
        description="Your own input and output filters and job-finished notifications: names in the order in which "
        "they are called, separated by commas; see [operator-hooks.md](operator-hooks.md). `masking` masks e-mail "
        "addresses, phone and card numbers in inputs. Use the same value for every worker.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Log level: the least severe log lines to write."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="Log format: `console` for people, `json` for machines."
    )

    @model_validator(mode="after")
    def check_sender(self) -> Self:
        if self.email_url.get_secret_value() and not self.email_from:
            raise ValueError("GPTSTORE_EMAIL_URL needs GPTSTORE_EMAIL_FROM, the address that sends the mails")
        return self

    @property
    def environments(self) -> Path:
        """Return the folder of the environments of releases."""
        return self.var / "environments"

    @property
    def fetched(self) -> Path:
        """Return the folder of the bundles that workers of this machine have fetched."""
        return self.var / "fetched"

    @property
    def bundles_place(self) -> str:
        """Return the folder of the bundles, or the address of their bucket."""
        return self.bundles or str(self.var / "bundles")

    @property
    def signing_key_file(self) -> Path:
        return self.signing_key or self.var / "store.key"

    @property
    def trusted_keys_file(self) -> Path:
        return self.trusted_keys or self.signing_key_file.with_name(f"{self.signing_key_file.name}.pub")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.var / 'gptstore.sqlite3'}"

    @property
    def broker_url(self) -> str:
        """Return the Redis URL in the spelling of Celery, which has its own scheme for unix sockets."""
        if not self.redis_url.startswith("unix://"):
            return self.redis_url
        return self.redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


class BadSetting(Exception):
    """Raised when a `GPTSTORE_*` variable has a value that makes no sense. The message says which and why."""


def read_environment() -> Environment:
    """Read the variables of this process. Raises BadSetting."""
    try:
        return Environment()
    except ValidationError as error:
        raise BadSetting(" ".join(describe(fault) for fault in error.errors())) from None


def describe(fault: Mapping[str, Any]) -> str:
    """Describe a fault in one sentence or two. The values of secrets are left out: this goes to logs."""
    if not fault["loc"]:
        return f"{fault['ctx']['error']}."
    name = str(fault["loc"][0])
    is_secret = Environment.model_fields[name].annotation is SecretStr
    value = "not usable" if is_secret else repr(fault["input"])
    return f"GPTSTORE_{name.upper()} is {value}. {fault['msg'].removeprefix('Value error, ')}."
