"""`python -m tests.e2e.make_runs person-3`: makes finished runs in Hebrew and Arabic, and prints their numbers."""

import json
import sys

import django

django.setup()

from gptstore.accounts.models import User  # noqa: E402
from gptstore.catalog.models import Tool  # noqa: E402
from gptstore.jobs.models import Status  # noqa: E402
from harness.rows import make_job  # noqa: E402

HEBREW = "שלום, המחיר הוא 12.5 ש״ח לכל API אחד."
ARABIC = "السعر 250 ريال لكل GPU في Python."
MARKDOWN = (
    f"## {HEBREW}\n\n> {ARABIC}\n\n- {HEBREW}\n- In English, 3 of 4.\n\n```python\nname = 'שלום'  # {ARABIC}\n```\n"
)

if __name__ == "__main__":
    owner = User.objects.get(username=sys.argv[1])
    made = {}
    for name, slug, text, output in (
        ("markdown", "summarizer", HEBREW, MARKDOWN),
        ("text", "translator", ARABIC, f"{ARABIC}\nThen in English.\n{HEBREW}"),
    ):
        tool = Tool.objects.get(slug=slug)
        job = make_job(owner, tool, Status.SUCCEEDED, input={"text": text}, output=output, output_kind=tool.output)
        made[name] = str(job.id)
    tool = Tool.objects.get(slug="qa")
    message = f"{HEBREW} Try again."
    question = {"passage": HEBREW, "question": ARABIC}
    failed = make_job(owner, tool, Status.FAILED, input=question, error_code="tool_error", error_message=message)
    made["failed"] = str(failed.id)
    print(json.dumps(made))
