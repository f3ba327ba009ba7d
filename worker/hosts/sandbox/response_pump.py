"""One answer of the model on its way to a child, or past it to the output."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from queue import SimpleQueue
from threading import Thread

from gptstore.sdk import Canceled
from gptstore.sdk.host import messages as said
from gptstore.sdk.host.channel import Channel
from worker.engine.errors import EngineError
from worker.hosts.base import JobPort
from worker.hosts.convert import as_params, as_prompt


class AnswerPump(Thread):
    """A thread for one request: the model speaks while the child does other things."""

    def __init__(
        self,
        asked: said.Generate,
        port: JobPort,
        channel: Channel,
        refuse: Callable[[int, EngineError], said.Refused],
    ) -> None:
        super().__init__(name=f"answer {asked.request}", daemon=True)
        self.number = asked.request
        self.call = asked.call
        self.port = port
        self.channel = channel
        self.refuse = refuse
        self.wishes: SimpleQueue[said.More | said.Pass | said.Close] = SimpleQueue()
        self.closed = False
        self.goes_on = False
        self.fault: Exception | None = None

    def hear(self, wish: said.More | said.Pass | said.Close) -> None:
        """What the child wants done with the rest. Raises BadMessage when it has said that before."""
        if isinstance(wish, said.Close):
            self.closed = True
        elif self.goes_on:
            raise said.BadMessage(f"what is to be done with the rest of request {self.number} was said before")
        else:
            self.goes_on = True
        self.wishes.put(wish)

    def close(self) -> None:
        self.hear(said.Close(request=self.number))

    def run(self) -> None:
        try:
            self.channel.send(self.speak())
        except (Canceled, OSError):
            pass  # the job's own thread sees why
        except Exception as error:
            self.fault = error

    def speak(self) -> said.Said:
        """Pass the answer on; what to say after it."""
        try:
            with closing(self.port.generate(as_prompt(self.call.prompt), as_params(self.call))) as texts:
                for text in islice(texts, 1):
                    self.tell(text)
                    self.go_on(texts)
        except EngineError as error:
            return self.refuse(self.number, error)
        return said.Done(request=self.number)

    def go_on(self, texts: Iterator[str]) -> None:
        wish = self.wishes.get()
        deliver = self.port.output if isinstance(wish, said.Pass) else self.tell
        while not self.closed and (text := next(texts, None)) is not None:
            deliver(text)

    def tell(self, text: str) -> None:
        self.channel.send(said.Text(request=self.number, text=text))
