"""`gptstore dev`: a tool from its project's folder, without installing it, in the browser or in the terminal."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Annotated

import typer

from gptstore.sdk.cli.dev_options import Arguments, DevOptions
from gptstore.sdk.cli.errors import CommandError
from gptstore.sdk.cli.options import Output


def dev(
    context: typer.Context,
    path: Annotated[str, typer.Argument(help="The folder with the plugin's pyproject.toml.")] = ".",
    cli: Annotated[bool, typer.Option("--cli", help="Run once, and end as the run did.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Run in the terminal, and again on every save.")] = False,
    tool: Annotated[str | None, typer.Option(metavar="SLUG", help="Which tool, where the plugin has several.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|FOLDER|NAME",
            help="A script of answers (.toml, .txt), a model's folder, or `bundled`; with --server, its name there.",
        ),
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="A store whose model to use, or any server with OpenAI's API.")
    ] = None,
    key_env: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The environment variable with the server's key. For a store: log in."),
    ] = None,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Send the key to another machine unencrypted.")
    ] = False,
    context_length: Annotated[
        int | None, typer.Option("--context", min=64, metavar="TOKENS", help="The length of the server's context.")
    ] = None,
    base: Annotated[
        bool | None, typer.Option("--base/--chat", help="The server's model continues a text, or takes messages.")
    ] = None,
    settings: Annotated[
        str | None, typer.Option(metavar="JSON|@FILE", help="The tool's settings, as an administrator gives them.")
    ] = None,
    whole: Annotated[
        str | None,
        typer.Option("--input", metavar="JSON|@FILE", help="The whole input as JSON. What is given by flags wins."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the events of the run as JSON, one a line.")] = False,
    output: Output = None,
    show: Annotated[
        bool, typer.Option("--show", "-v", help="Print what the model was asked and answered, tokens and times.")
    ] = False,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Run the tool with your own rights, also where there is a sandbox.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="NUMBER", help="The port of the page. 0: a free one.")
    ] = 0,
    opens: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the page in the browser. So it is on a desktop.")
    ] = None,
) -> None:
    """Try a tool from the folder in which you write it.

    It serves a page on this machine: the tool's form, as in a store, its
    output, and what the model was asked. Every save reloads the tool there.
    With --watch the tool runs in the terminal instead, and again on every
    save; with --cli once, and the status is 0 when it succeeded, 1 when it
    failed, 130 when it was canceled, as by Ctrl-C.

    The plugin is imported in a process of its own, without being installed;
    its dependencies have to be installed here. The flags behind the folder are
    the tool's inputs, as with `gptstore run`: `gptstore dev PATH --help` lists
    them; on the page they fill the form. A save that breaks the plugin is one
    line, as of `gptstore check`.

    The model is the bundled one where a worker's packages are installed;
    without them and without an option, the answers are made up. With them, on
    Linux, the tool runs in a worker's sandbox.

    Examples:

        gptstore dev my-tool

        gptstore dev my-tool --watch --text @report.txt --length short

        gptstore dev my-tool --cli --model answers.toml --text "Hello" --show

        gptstore dev my-tool --cli --server https://store.example --text @report.txt > summary.txt
    """
    from gptstore.sdk.cli.dev_session import Session

    arguments = [*context.args]
    if path.startswith("-"):  # the tool's first flag: the folder was left out
        path, arguments = ".", [path, *arguments]
    if hasattr(sys, "getwindowsversion"):
        raise CommandError("`gptstore dev` works on Linux and macOS; on Windows, use it in WSL.")
    before = DevOptions(
        cli,
        watch,
        tool,
        model,
        server,
        key_env,
        allow_http,
        context_length,
        base,
        settings,
        whole,
        as_json,
        output,
        show,
        no_sandbox,
        port,
        opens,
    )
    own = [*inspect.signature(dev, eval_str=True).parameters.values()][2:]
    given = Arguments(path, arguments, before, own)
    if given.mode == "page":
        from gptstore.sdk.cli.dev_page import serve_page

        serve_page(Path(path), given)
        return
    with Session(Path(path), given) as session:
        session.run_once() if given.mode == "cli" else session.watch()
