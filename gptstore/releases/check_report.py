"""What a check on a worker found out about a release: for its author, and for those who review it."""

from pydantic import BaseModel, ConfigDict

MAX_OUTPUT = 4_000
"""Characters of an example's output that are kept."""


class Ran(BaseModel):
    """One run of an example. error: why it failed, "" when it did not. output: its beginning.

    memory: the most bytes that its process has had, with what its plugin holds; 0 where it was not measured.
    """

    model_config = ConfigDict(frozen=True)

    error: str = ""
    output: str = ""
    seconds: float = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    memory: int = 0


class ExampleReport(BaseModel):
    """An example of the new release. live: the same input on the live release, None where that has no such tool."""

    model_config = ConfigDict(frozen=True)

    tool: str
    title: str
    new: Ran
    live: Ran | None = None


class CheckReport(BaseModel):
    """The result. fault: why the release cannot run here at all, "" when it can; examples are then not run."""

    model_config = ConfigDict(frozen=True)

    fault: str = ""
    worker: str = ""
    model: str = ""
    sandbox: str = ""
    seconds: float = 0
    examples: list[ExampleReport] = []

    @property
    def failed(self) -> list[ExampleReport]:
        return [example for example in self.examples if example.new.error]
