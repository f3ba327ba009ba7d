"""The sentences about a rollout that the store writes by itself, and their words in the reader's language.

A worker writes them, for readers of any language, mails and the audit log: so they are stored in English, in these
forms only, and are put into other words when they are shown.
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext, gettext_noop

OVERTAKEN = gettext_noop("It was replaced before it went live.")
NO_WORKER = gettext_noop("It waits for a worker: none is online.")
NO_RELEASES = gettext_noop("It waits for a worker that takes releases: none of those online does.")
NOBODY_TAKES_IT = gettext_noop("No worker takes it.")
NOT_IN_CATALOGUE = gettext_noop("The catalogue does not take it: %(error)s")
WORKER_GONE = gettext_noop("Its worker %(worker)s is gone.")
REFUSED = gettext_noop("%(worker)s does not take it: %(reason)s")
NOT_INSTALLED = gettext_noop("%(worker)s has not installed it within %(minutes)s minutes.")
INSTALLING = gettext_noop("It is installed on %(worker)s.")
EXAMPLE_UNFIT = gettext_noop("The example “%(title)s” of %(tool)s does not fit its inputs.")
EXAMPLE_FAILED = gettext_noop("An example of %(tool)s failed: %(message)s")
EXAMPLES_RUN = gettext_noop("Its examples have not ended.")
TOO_FEW = gettext_noop("It takes %(runs)s runs of each to compare them.")
TOO_LATE = gettext_noop("It could not be judged within %(minutes)s minutes.")
CRASHES_MORE = gettext_noop("It crashes more often.")
FAILS_MORE = gettext_noop("It fails more often.")
SLOWER = gettext_noop("It is slower.")
FIGURES = gettext_noop("Canary: %(canary)s. Live: %(live)s.")
SIDE = gettext_noop("%(runs)s runs, %(failures)s failed, %(crashes)s of them crashed")
TIMED_SIDE = gettext_noop("%(runs)s runs, %(failures)s failed, %(crashes)s of them crashed, p95 %(p95)s s")

FORMS = (
    *(OVERTAKEN, NO_WORKER, NO_RELEASES, NOBODY_TAKES_IT, NOT_IN_CATALOGUE, WORKER_GONE, REFUSED, NOT_INSTALLED),
    *(INSTALLING, EXAMPLE_UNFIT, EXAMPLE_FAILED, EXAMPLES_RUN, TOO_FEW, TOO_LATE, CRASHES_MORE, FAILS_MORE, SLOWER),
    *(FIGURES, TIMED_SIDE, SIDE),
)
WORD, REST = r"\S+", r".+"
PATTERNS = {"title": r".+?", "canary": r".+?", "live": r".+?", "error": REST, "reason": REST, "message": REST}
"""What a value looks like; all others are one word. Those that are free text end what is said."""

SIDES = ("canary", "live")
"""The values that are sentences of ours themselves. Free text is not read as such: plugins write it."""


def in_words(text: str) -> str:
    """Return the sentences of an outcome in the language that is active. What is none of ours stays as it is."""
    return " ".join(_translated(text))


def _translated(text: str) -> Iterator[str]:
    while text:
        form, found = next(((form, found) for form, at in READERS if (found := at.match(text))), (None, None))
        if form is None or found is None:
            yield text
            return
        values = {name: in_words(value) if name in SIDES else value for name, value in found.groupdict().items()}
        yield gettext(form) % values if values else gettext(form)
        text = text[found.end() :].lstrip()


def _reader(form: str) -> re.Pattern[str]:
    """Return the pattern by which a sentence of this form is known again."""
    parts = re.split(r"%\((\w+)\)s", form)
    literal = [re.escape(part) for part in parts[::2]]
    named = [f"(?P<{name}>{PATTERNS.get(name, WORD)})" for name in parts[1::2]]
    body = "".join(part for pair in zip(literal, [*named, ""], strict=True) for part in pair)
    return re.compile(rf"{body}(?=\s|$)", re.DOTALL)


READERS = [(form, _reader(form)) for form in FORMS]
