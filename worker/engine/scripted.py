"""An engine that says what a script tells it: the real queue, cancel and stop strings without a model or torch."""

from collections.abc import Callable, Iterable

from worker.engine.errors import PromptTooLong
from worker.engine.params import DEFAULT_MAX_TOKENS
from worker.engine.protocol import ModelInfo, Prompt, Request
from worker.engine.serial import Generation, SerialEngine, Step

Script = Callable[[Request], Iterable[str]]


class ScriptedEngine(SerialEngine):
    """Answers each request with the pieces that `script(request)` gives; a piece counts as one token.

    delay_s: seconds before each piece; cancel and close do not wait for it.
    A token of a prompt is a word. What the script raises becomes the request's error.
    """

    def __init__(
        self,
        script: Script,
        delay_s: float = 0.0,
        *,
        name: str = "scripted",
        context_length: int = 1024,
        is_chat: bool = True,
    ) -> None:
        super().__init__()
        self._script = script
        self._delay_s = delay_s
        self._info = ModelInfo(name, context_length, is_chat, parameters=0, device="cpu", dtype="none", demo=True)
        self.launch()

    @property
    def info(self) -> ModelInfo:
        return self._info

    def count_tokens(self, prompt: Prompt) -> int:
        texts = [prompt] if isinstance(prompt, str) else [message.content for message in prompt]
        return sum(len(text.split()) for text in texts)

    def start(self, request: Request) -> Generation:
        prompt_tokens = self.count_tokens(request.prompt)
        room = self._info.context_length - prompt_tokens
        if room < 1:
            raise PromptTooLong(prompt_tokens, self._info.context_length)
        most = min(request.params.max_tokens or DEFAULT_MAX_TOKENS, room)
        return _Recital(self._script(request), prompt_tokens, most, self._pause)

    def _pause(self) -> None:
        ticket = self._current
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or (ticket and ticket.canceled), self._delay_s)


class _Recital:
    """One run of a script, a piece at a time."""

    def __init__(self, pieces: Iterable[str], prompt_tokens: int, most: int, pause: Callable[[], None]) -> None:
        self.prompt_tokens = prompt_tokens
        self._pieces = iter(pieces)
        self._left = most
        self._pause = pause

    def step(self) -> Step:
        self._pause()
        piece = next(self._pieces, None)
        if piece is None:
            return Step("", 0, "stop")
        self._left -= 1
        return Step(piece, 1, None if self._left else "length")
