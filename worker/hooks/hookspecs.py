"""Specify the operator hooks. Modules that `GPTSTORE_OPERATOR_HOOKS` names implement them; a worker calls them."""

from __future__ import annotations

import pluggy

from worker.hooks.answers import Answer
from worker.hooks.job_info import FinishedJob, RunningJob

hookspec = pluggy.HookspecMarker("gptstore_operator")
hookimpl = pluggy.HookimplMarker("gptstore_operator")


@hookspec(firstresult=True)
def gptstore_screen_input(job: RunningJob, field: str, text: str) -> Answer:
    """Filter one text of a job's input.

    When: each time a job starts, before its tool and the model see anything, once for each text that is not empty,
    including those in lists and objects. Hooks are not called for numbers, check boxes and the names of fields, nor for
    prompts: a tool builds prompts from this input, from its author's text and from answers of the model.

    Arguments: job identifies the run; field is the place of the text, such as "text", "lines[2]" or "address.city";
    text is the text as the hooks before left it.

    Returns: None or Allow() to keep the text, Change(text) to replace it, Refuse(reason) to fail the job. The tool gets
    the result of all hooks; the job stores the input as its user wrote it. If a changed text is no longer valid for the
    tool, for example because it became too long, the job fails with `tool_error`.

    What stops the chain: the first Refuse; the job fails with `refused` and the reason. A hook that raises, or returns
    anything else, stops it too: the job fails with `internal_error`, and the log has the traceback.
    """


@hookspec(firstresult=True)
def gptstore_screen_output(job: RunningJob, before: str, text: str, ended: bool) -> Answer:
    """Filter the next piece of a job's output.

    When: for each piece of output, before anybody reads it; and once at the end, if some text was held back. Log lines,
    progress messages and a tool's error message are separate texts: each is passed whole, with nothing before it and
    `ended` true, and may come between two pieces of the output. Of a table, each name of a column and each cell that
    is a text is such a text: the hook never sees the form in which it is stored. Of a file that a tool gives it sees
    nothing.

    Arguments: job identifies the run; text is the text that this hook held back, followed by the new text, as the hooks
    before left it; before is the text right before that, up to 256 characters, which can no longer be changed; ended is
    true if nothing follows. Pieces have arbitrary boundaries: a piece may be half a word, or many lines.

    Returns: None or Allow() to pass all of it on, Change(text) to replace it, Refuse(reason) to fail the job.
    Allow(hold=n) and Change(text, hold=n) hold the last n characters back, up to 4,096, because more text is needed to
    decide about them: they come again before the next piece. When `ended` is true, nothing can be held back.

    What stops the chain: the first Refuse; the job fails with `refused` and the reason, readers keep what they have,
    and the text held back is dropped. A hook that raises, returns anything else or holds too much stops it too: the job
    fails with `internal_error`, and the log has the traceback. When a run is canceled or times out, the text held back
    is dropped without another call.
    """


@hookspec
def gptstore_job_finished(job: FinishedJob) -> None:
    """Receive a notification that a job has finished.

    When: once for each job that this worker finished, after its end is in the database and its readers know. Not for
    jobs that ended in another way: those that were canceled in the queue, whose tool no worker has, or whose worker was
    lost. Calls are made one at a time, in a thread of their own: a slow hook delays other calls, but neither the end of
    a job nor the next job. While 1,000 wait, further ones are dropped with a warning in the log; a worker that shuts
    down spends two seconds on those that wait. So read what has to be complete, such as a bill, from the database.

    Arguments: job describes how the job ended. It does not contain the job's texts.

    Returns: nothing.

    What stops the chain: nothing. An exception of a hook is logged, and the other hooks are called.
    """
