"""An engine whose answers have as many tokens as were asked for: a tool cannot ask its model to ignore end tokens."""

from dataclasses import replace

from worker.engine.protocol import Engine, EngineStats, ModelInfo, Prompt, Request, Sink


class Untiring(Engine):
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def info(self) -> ModelInfo:
        return self.engine.info

    def submit(self, request: Request, sink: Sink) -> None:
        self.engine.submit(replace(request, params=replace(request.params, ignore_end=True)), sink)

    def cancel(self, request_id: str) -> None:
        self.engine.cancel(request_id)

    def count_tokens(self, prompt: Prompt, *, group: str = "") -> int:
        return self.engine.count_tokens(prompt, group=group)

    def stats(self) -> EngineStats:
        return self.engine.stats()

    def close(self) -> None:
        self.engine.close()
