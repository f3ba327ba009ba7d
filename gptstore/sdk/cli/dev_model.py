"""The model on which `gptstore dev` runs a tool, as the command's options name it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gptstore.sdk.cli.console import print_note
from gptstore.sdk.cli.dev_options import DevOptions
from gptstore.sdk.cli.errors import CommandError, StoreError, UsageError
from gptstore.sdk.model import Model

if TYPE_CHECKING:
    from gptstore.sdk.manifest import ToolManifest

BUNDLED = "bundled"
NO_PACKAGES = "A worker's packages (torch, transformers and gptstore's worker) are not installed in this Python"
MADE_UP = "There is no model here, so every answer is made up. Name one: --server URL, --model FOLDER or answers.toml."


class ModelSource:
    """Gives the model of each run: one that is kept, or for a script one that begins with its first answer."""

    def __init__(
        self, make: Callable[[ToolManifest], Model], kept: Model | None = None, file: Path | None = None
    ) -> None:
        self.model_for = make
        self.file = file
        self._kept = kept

    def close(self) -> None:
        if (close := getattr(self._kept, "close", None)) is not None:
            close()


def open_model(options: DevOptions) -> ModelSource:
    """Return the source of the model that the options name. Raises CommandError."""
    from gptstore.sdk.dev.errors import ModelAway, ModelError

    try:
        return _open(options)
    except ModelAway as error:
        raise StoreError(str(error)) from None
    except ModelError as error:
        raise CommandError(str(error)) from None


def _open(options: DevOptions) -> ModelSource:
    from gptstore.sdk.dev.engine_process import is_installed
    from gptstore.sdk.dev.script import SUFFIXES

    if options.server is not None:
        return _kept(_open_server(options.server, options))
    if options.model is None:
        return _open_engine(BUNDLED) if is_installed() else _made_up()
    path = Path(options.model).expanduser()
    if path.suffix in SUFFIXES:
        return _open_script(path)
    if options.model != BUNDLED and not path.is_dir():
        advice = "name a script of answers (.toml, .txt), a folder with a model, or a server with --server URL"
        raise UsageError(f"There is no model {options.model}: {advice}.")
    if not is_installed():
        raise CommandError(f"{NO_PACKAGES}. Install them, or use a model elsewhere with --server URL.")
    return _open_engine(options.model if options.model == BUNDLED else str(path.resolve()))


def _kept(model: Model) -> ModelSource:
    return ModelSource(lambda tool: model, kept=model)


def _made_up() -> ModelSource:
    from gptstore.sdk.intake.example_answers import ExampleModel

    print_note(MADE_UP)
    return ModelSource(lambda tool: ExampleModel(tool.output))


def _open_script(path: Path) -> ModelSource:
    from gptstore.sdk.dev.script import read_script

    read_script(path)  # so that what is wrong with it is said at once
    return ModelSource(lambda tool: read_script(path), file=path)


def _open_engine(model: str) -> ModelSource:
    from gptstore.sdk.dev.engine_process import EngineModel

    print_note("Loading the model …")
    opened = EngineModel(model)
    kind = "a chat model" if opened.is_chat else "a base model"
    print_note(f"{opened.name}, {kind}, {opened.context_length} tokens of context.")
    return _kept(opened)


def _open_server(address: str, options: DevOptions) -> Model:
    from gptstore.sdk.cli.api_keys import check_key, find_key
    from gptstore.sdk.cli.servers import Servers, http_is_allowed, named_server
    from gptstore.sdk.cli.store_address import read_address
    from gptstore.sdk.dev.http_model import HttpModel
    from gptstore.sdk.dev.http_server import Server, base_url

    url = read_address(address, allow_http=True)
    store = Servers().choose(url, allow_http=True)
    key = ""
    if options.key_env is not None:
        if not (given := os.environ.get(options.key_env)):
            raise UsageError(f"The variable {options.key_env} has no key: set it, or leave --key-env out.")
        key = check_key(given)
    elif Servers().find(url) or url == _address_of(named_server()):  # another server gets no key of a store
        key = find_key(store) or ""
    if key:  # which nobody on the way may read
        read_address(url, allow_http=options.allow_http or http_is_allowed() or store.allow_http)
    server = Server(base_url(url), key, options.model or "")
    is_chat = None if options.base is None else not options.base
    return HttpModel(server, context_length=options.context_length, is_chat=is_chat, note=print_note)


def _address_of(named: str | None) -> str | None:
    from gptstore.sdk.cli.store_address import read_address

    return read_address(named, allow_http=True) if named else None
