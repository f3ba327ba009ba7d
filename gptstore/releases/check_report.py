"""What a check on a worker found out about a release: for its author, and for those who review it."""

from pydantic import BaseModel, ConfigDict

MAX_OUTPUT = 4_000
"""Characters of an example's output that are kept."""


class Ran(BaseModel):
    """One run of an example. error: why it failed, "" when it did not. output: its beginning.

    memory: the most bytes that its process has had, with what its plugin holds; 0 where it was not measured.
    denied: how many calls the system denied it, by kind, as its process saw them; None where nobody counted.
    """

    model_config = ConfigDict(frozen=True)

    error: str = ""
    output: str = ""
    seconds: float = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    memory: int = 0
    denied: dict[str, int] | None = None


class ExampleReport(BaseModel):
    """An example of the new release. live: the same input on the live release, None where that has no such tool."""

    model_config = ConfigDict(frozen=True)

    tool: str
    title: str
    new: Ran
    live: Ran | None = None

    @property
    def more_denied(self) -> dict[str, int]:
        """Return how many more calls were denied to it than to the live release, by kind, where both were counted."""
        if self.new.denied is None or self.live is None or self.live.denied is None:
            return {}
        more = {kind: number - self.live.denied.get(kind, 0) for kind, number in self.new.denied.items()}
        return {kind: number for kind, number in more.items() if number > 0}


class CheckReport(BaseModel):
    """The result. fault: why the release cannot run here at all, "" when it can; examples are then not run.

    needs: where packages exclude each other, (versions, who asks for them).
    """

    model_config = ConfigDict(frozen=True)

    fault: str = ""
    needs: list[tuple[str, str]] = []
    worker: str = ""
    model: str = ""
    sandbox: str = ""
    seconds: float = 0
    examples: list[ExampleReport] = []

    @property
    def failed(self) -> list[ExampleReport]:
        return [example for example in self.examples if example.new.error]
