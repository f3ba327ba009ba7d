"""The hooks of an operator. Modules that `GPTSTORE_OPERATOR_HOOKS` names implement them; a worker calls them."""

from __future__ import annotations

import pluggy

from worker.hooks.answers import Answer
from worker.hooks.job_info import FinishedJob, RunningJob

hookspec = pluggy.HookspecMarker("gptstore_operator")
hookimpl = pluggy.HookimplMarker("gptstore_operator")


@hookspec(firstresult=True)
def gptstore_screen_input(job: RunningJob, field: str, text: str) -> Answer:
    """Decide about one text of a job's input.

    When: each time a job starts, before its tool and the model see anything, once for each text that is not empty, also
    within lists and objects. Numbers, switches and the names of fields are not asked about. Prompts are not asked about
    either: a tool makes them from this input, from words of its author and from answers of the model.

    Arguments: job says whose run it is; field is where the text stands, such as "text", "lines[2]" or "address.city";
    text is what the hooks before left of it.

    Returns: None or Allow() for the text as it is, Change(text) for another one, Refuse(reason) to fail the job. The
    tool gets what is left at the end; the job keeps the input as its person wrote it. Where a changed text does not fit
    the tool any more, such as one that became too long, the job fails with `tool_error`.

    What stops the chain: the first Refuse; the job fails with `refused` and the reason. A hook that raises, or returns
    something else, stops it too: the job fails with `internal_error`, and the log has the traceback.
    """


@hookspec(firstresult=True)
def gptstore_screen_output(job: RunningJob, before: str, text: str, ended: bool) -> Answer:
    """Decide about the next piece of what a job says.

    When: each time the tool says something, before anybody reads it; and once at the end, when some text was held back.
    Log lines, progress messages and a tool's words of failure are texts of their own: they come whole, with nothing
    before them and `ended` true, and may come between two pieces of the output.

    Arguments: job says whose run it is; text is what this hook held back, with what is new after it, as the hooks
    before left it; before is what stood right before that, up to 256 characters, and cannot be changed any more; ended
    says that nothing follows. A piece has no natural borders: it may be half a word, or many lines.

    Returns: None or Allow() to let all of it go on, Change(text) for another text in its place, Refuse(reason) to fail
    the job. Allow(hold=n) and Change(text, hold=n) keep the last n characters back, up to 4,096, because more text is
    needed to decide about them: they come again before the next piece. When `ended` is true, nothing can be held.

    What stops the chain: the first Refuse; the job fails with `refused` and the reason, readers keep what they have,
    and what is held back is dropped. A hook that raises, returns something else or holds too much stops it too: the job
    fails with `internal_error`, and the log has the traceback. A run that is canceled, or whose time is up, says no
    more: what is held back is dropped without a question.
    """


@hookspec
def gptstore_job_finished(job: FinishedJob) -> None:
    """Hear that a job has ended.

    When: once for each job that this worker ended, after its end is in the database and its readers know. Not for jobs
    that ended without it: those that were canceled in the queue, whose tool no worker has, or whose worker was lost.
    Calls come one after the other, in a thread of their own: a slow hook delays other calls, and neither the end of a
    job nor the next one. While 1,000 wait, further ones are left out with a warning in the log; a worker that stops
    takes two seconds for those that wait. So what has to be complete, such as a bill, is better read from the database.

    Arguments: job says what became of it. Its texts are not told.

    Returns: nothing.

    What stops the chain: nothing. A hook that raises is logged, and the others go on.
    """
