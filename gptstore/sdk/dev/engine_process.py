"""The model of a worker's engine, in a process of its own, which is loaded once and kept for many runs."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from typing import IO, Any

from gptstore.sdk.call import Call
from gptstore.sdk.dev.errors import ModelError
from gptstore.sdk.dev.messages import ModelLoaded, from_model
from gptstore.sdk.exit_status import describe_status
from gptstore.sdk.host import messages
from gptstore.sdk.host.answer_pieces import AnswerPieces
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.context import JobModel
from gptstore.sdk.host.errors import BadMessage, ModelRefused
from gptstore.sdk.host.port import Port

MODULE = "worker.process.serve_model"
BUNDLED = "bundled"
_NEEDED = ("worker", "torch", "transformers")
_GONE = "The model's process has ended; start the command again."
_LAST_SECONDS = 2.0


def is_installed() -> bool:
    """Return whether this Python has a worker's packages."""
    return all(find_spec(name) is not None for name in _NEEDED)


class EngineModel(JobModel):
    """A model that was loaded from a folder, or the bundled one. Raises ModelError where that fails."""

    def __init__(self, model: str = BUNDLED) -> None:
        near, far = socket.socketpair()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  `close` closes it
        with far:
            self.process = subprocess.Popen(
                [sys.executable, "-m", MODULE, model, str(far.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=[far.fileno()],
                start_new_session=True,  # so that Ctrl-C reaches the command alone
            )
        port = Port(Channel(near, from_model))
        try:
            loaded = self._wait(port)
        except BaseException:
            self.process.kill()
            self._end(near)
            raise
        start = messages.Start(
            tool="", input={}, model=loaded.model, context_length=loaded.context_length, is_chat=loaded.is_chat
        )
        super().__init__(port, start)

    def answer(self, call: Call) -> Iterator[str]:
        return EngineAnswer(self.port, call)

    def ask_once(self, question: type[messages.HostMessage], **content: Any) -> list[float]:
        try:
            return super().ask_once(question, **content)
        except (EOFError, OSError):
            raise ModelRefused("engine_error", _GONE) from None

    def close(self) -> None:
        """End the process."""
        self._end(self.port.channel.socket)

    def _end(self, near: socket.socket) -> None:
        near.close()
        try:
            self.process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._errors.close()

    def _wait(self, port: Port) -> ModelLoaded:
        try:
            loaded = port.channel.receive()
        except (EOFError, OSError, BadMessage):
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").split("\n")
            said = next((line for line in reversed(lines) if line.strip()), "")
            raise ModelError(f"The model can't be loaded: {describe_status(self.process.wait())}. {said}") from None
        if loaded.error:
            raise ModelError(f"The model can't be loaded: {loaded.error}")
        assert isinstance(loaded, ModelLoaded)
        return loaded


class EngineAnswer(AnswerPieces):
    """The pieces of one answer."""

    def __next__(self) -> str:
        try:
            return super().__next__()
        except (EOFError, OSError):
            raise ModelRefused("engine_error", _GONE) from None

    def cancel(self) -> None:
        """End the answer, from any thread: whoever reads it now gets its end."""
        if (number := self.number) is not None:
            with suppress(OSError):
                self.port.channel.send(messages.Close(request=number))
