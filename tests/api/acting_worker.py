"""Takes jobs like a worker, through the same functions, and says what a test wants."""

from gptstore.jobs.events.publisher import Publisher
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import Outcome, Usage
from gptstore.jobs.logprobs import encode_logprobs
from gptstore.jobs.models import Job, Status
from gptstore.sdk.answer import logprobs_of
from gptstore.sdk.logprobs import to_stored


class ActingWorker:
    tools: tuple[str, ...] = ("shout",)
    job: Job
    publisher: Publisher
    finish_reason = "stop"

    def claim(self) -> Job:
        job = states.claim_next("worker-1", self.tools)
        assert job is not None, "there is no queued job"
        self.job = job
        self.publisher = Publisher(job)
        self.publisher.start()
        self.publisher.flush()
        return job

    def say(self, *pieces: str) -> None:
        for piece in pieces:
            self.publisher.output(str(piece), tokens=1, logprobs=to_stored(logprobs_of(piece)))
            self.publisher.flush()

    def succeed(self) -> None:
        assert states.finish(
            self.job,
            Outcome(
                Status.SUCCEEDED,
                self.publisher.text,
                Usage(3, self.publisher.tokens, self.finish_reason),
                logprobs=encode_logprobs(self.publisher.logprobs),
            ),
        )
        self.publisher.finish()

    def run(self, *pieces: str) -> Job:
        self.claim()
        self.say(*pieces)
        self.succeed()
        return self.job
