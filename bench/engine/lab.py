"""The lab of a measurement: an engine, plain `generate` with the same weights, and new prompts for both."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bench.engine.baseline import Generate
from bench.engine.crowd import Ask, run_in_engine
from bench.engine.prompts import Prompts
from bench.engine.server import Server
from worker.engine.local.loading import load_engine
from worker.engine.protocol import Engine


@dataclass(frozen=True)
class Sizes:
    """The sizes of a measurement; the numbers of tokens are those for which the targets were set.

    one_by_one: prompts of a round that `generate` runs one after another; its rate does not depend on their number.
    """

    repeats: int = 5
    crowds: tuple[int, ...] = (1, 8, 32)
    prompt: int = 128
    new: int = 64
    one_by_one: int = 2
    short_prompt: int = 16
    step_new: int = 80
    prefix: int = 448
    suffix: int = 64
    long_prompt: int = 900
    arrivals: int = 8
    runners: int = 4
    steady_tokens: int = 40

    def with_repeats(self, repeats: int) -> "Sizes":
        return replace(self, repeats=repeats, arrivals=max(1, round(repeats * 1.6)))


QUICK = Sizes(
    repeats=2,
    prompt=16,
    new=8,
    one_by_one=1,
    short_prompt=8,
    step_new=48,
    prefix=128,
    suffix=16,
    long_prompt=200,
    arrivals=2,
    steady_tokens=8,
)


@dataclass(frozen=True)
class Lab:
    engine: Engine
    generate: Generate
    prompts: Prompts
    sizes: Sizes
    server: Server | None = None

    def ask(self, prompt: int, new: int) -> Ask:
        """Make a new prompt of so many tokens, to be followed by so many new ones."""
        return Ask(self.prompts.text(prompt), prompt, new)

    def asks(self, count: int, prompt: int, new: int) -> list[Ask]:
        return [self.ask(prompt, new) for _ in range(count)]

    def warm_up(self) -> None:
        """Run every subject briefly, once at every number of requests."""
        self.generate.one_by_one(self.asks(1, self.sizes.prompt, 4))
        for count in self.sizes.crowds:
            asks = self.asks(count, self.sizes.prompt, 4)
            run_in_engine(self.engine, asks)
            self.generate.together(asks)
            if self.server:
                self.server.run(asks)


@contextmanager
def open_lab(
    model: str, sizes: Sizes, *, device: str, dtype: str, threads: int | None, server: Server | None = None
) -> Iterator[Lab]:
    """Load the model for both; `generate` gets the engine's device, dtype and threads."""
    engine = load_engine(model, device=device, dtype=dtype, threads=threads)
    try:
        generate = Generate(model, engine.info.device, engine.info.dtype)
        lab = Lab(engine, generate, Prompts(generate.tokenizer, engine.count_tokens), sizes, server)
        lab.warm_up()
        yield lab
    finally:
        engine.close()
