"""Parses what stands behind the folder in `gptstore dev PATH …`: the command's own options, and the tool's inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from inspect import Parameter
from typing import TYPE_CHECKING, Any, Literal

from gptstore.sdk.cli.errors import UsageError
from gptstore.sdk.cli.files import KeptFiles
from gptstore.sdk.cli.flag_values import Given, read_input, read_whole
from gptstore.sdk.cli.flags import read_flags
from gptstore.sdk.cli.run import find_value, make_input
from gptstore.sdk.cli.tool_command import call_tool_command

if TYPE_CHECKING:
    from gptstore.sdk.manifest import Manifest, ToolManifest

Json = dict[str, Any]

RESERVED = (
    *(
        "--cli",
        "--watch",
        "--tool",
        "--model",
        "--server",
        "--key-env",
        "--allow-http",
        "--context",
        "--base",
        "--chat",
        "--no-sandbox",
    ),
    *("--settings", "--input", "--json", "--output", "--show", "--port", "--open", "--no-open", "--help"),
)
"""The command's own flags. An input of a tool that has the name of one is `--input-NAME`."""


@dataclass(frozen=True)
class DevOptions:
    """How to run a tool, as the command's own options say; docs/command-line.md has their meaning."""

    cli: bool = False
    watch: bool = False
    tool: str | None = None
    model: str | None = None
    server: str | None = None
    key_env: str | None = None
    allow_http: bool = False
    context_length: int | None = None
    base: bool | None = None
    settings: str | None = None
    whole: str | None = None
    as_json: bool = False
    output: str | None = None
    show: bool = False
    no_sandbox: bool = False
    port: int = 0
    opens: bool | None = None


@dataclass(frozen=True)
class Prefill:
    """What a form is to begin with. slug: of the tool that was named, "" where none was. values: from its flags."""

    options: DevOptions
    slug: str = ""
    values: Json = field(default_factory=dict)
    settings: Json | None = None


@dataclass(frozen=True)
class Parsed:
    """What is to be run. settings: of the tool; None where none were given."""

    tool: ToolManifest
    options: DevOptions
    data: Json
    settings: Json | None


class Arguments:
    """The arguments, parsed anew for each run: a save may have changed the tool's signature.

    before: the options that stand before the folder. own: the command's options, as parameters with annotations.
    """

    def __init__(self, path: str, arguments: Sequence[str], before: DevOptions, own: Sequence[Parameter]) -> None:
        self._path = path
        self._arguments = without_separator(arguments)
        self._before = before
        self._own = own
        self._files = KeptFiles()

    @property
    def mode(self) -> Literal["cli", "watch", "page"]:
        """Return what is wanted, which has to be known before the tool is: one run, one on each save, or the page."""
        is_set = {name for name in ("cli", "watch") if getattr(self._before, name) or f"--{name}" in self._arguments}
        return "watch" if "watch" in is_set else "cli" if is_set else "page"

    @property
    def wants_sandbox(self) -> bool:
        """Return whether the tool should run in a sandbox, which has to be known before it is imported."""
        return not (self._before.no_sandbox or "--no-sandbox" in self._arguments)

    def parse(self, manifest: Manifest) -> Parsed:
        """Return what to run. Raises UsageError; prints the help and ends the process where that is asked for."""
        tool = choose_tool(manifest, find_value(self._arguments, "--tool") or self._before.tool)
        flags = read_flags(tool.input_schema, RESERVED)
        options, given = self._read(tool, flags)
        self._files.begin()
        settings = None
        if options.settings is not None:
            settings = read_whole(options.settings, self._files, "--settings")
        return Parsed(tool, options, make_input(flags, given, options.whole, self._files), settings)

    def prefill(self, manifest: Manifest | None) -> Prefill:
        """Return what the form of the page is to begin with; nothing has to be given. Raises UsageError.

        manifest: None for a plugin that can't be imported yet: the flags of its tools are left aside then.
        """
        slug = find_value(self._arguments, "--tool") or self._before.tool
        if manifest is None:
            options, _given = self._parse([], f"gptstore dev {self._path}", "", lenient=True)
            return Prefill(options, slug or "")
        tool = choose_tool(manifest, slug if slug or len(manifest.tools) == 1 else manifest.tools[0].slug)
        flags = read_flags(tool.input_schema, RESERVED)
        options, given = self._read(tool, flags)
        self._files.begin()
        whole = read_whole(options.whole, self._files) if options.whole is not None else None
        settings = read_whole(options.settings, self._files, "--settings") if options.settings is not None else None
        return Prefill(options, tool.slug, read_input(flags, given, self._files, whole), settings)

    def _read(self, tool: ToolManifest, flags: Sequence[Any]) -> tuple[DevOptions, Given]:
        return self._parse(flags, f"gptstore dev {self._path}", f"{tool.title}: {tool.summary}")

    def _parse(
        self, flags: Sequence[Any], program: str, about: str, *, lenient: bool = False
    ) -> tuple[DevOptions, Given]:
        found: list[tuple[Json, Given]] = []
        try:
            call_tool_command(
                self._arguments,
                flags,
                lambda own, given: found.append((own, given)),
                program=program,
                about=about,
                options=self._own,
                lenient=lenient,
            )
        except SystemExit:  # which typer raises at the end of every command
            if not found:
                raise
        own, given = found[0]
        switches = ("base", "opens")  # which say something when they are off
        named = {name: value for name, value in own.items() if value or (name in switches and value is not None)}
        return replace(self._before, **named), given


def choose_tool(manifest: Manifest, slug: str | None) -> ToolManifest:
    """Return the tool of this slug, or the only one. Raises UsageError."""
    slugs = [tool.slug for tool in manifest.tools]
    if slug is None and len(slugs) == 1:
        return manifest.tools[0]
    if slug not in slugs:
        what = "has several tools" if slug is None else f"has no tool {slug}"
        raise UsageError(f"The plugin {what}: choose one by --tool {'|'.join(slugs)}.")
    return manifest.tools[slugs.index(slug)]


def without_separator(arguments: Sequence[str]) -> list[str]:
    """Return the arguments without the `--` that may stand before the tool's own."""
    place = arguments.index("--") if "--" in arguments else len(arguments)
    return [*arguments[:place], *arguments[place + 1 :]]
