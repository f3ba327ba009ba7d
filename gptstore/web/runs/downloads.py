"""Serves a job's output as a file."""

from django.http import HttpResponse

from gptstore.jobs.models import Job
from gptstore.sdk.output import OutputKind
from gptstore.sdk.render.languages import code_suffix

TYPES = {
    OutputKind.TEXT: ("txt", "text/plain"),
    OutputKind.MARKDOWN: ("md", "text/markdown"),
    OutputKind.JSON: ("json", "application/json"),
    OutputKind.CODE: ("txt", "text/plain"),
}


def download(job: Job, text: str) -> HttpResponse:
    """Return the text as an attachment and never as HTML, so that a browser saves it and runs nothing."""
    suffix, content_type = TYPES[OutputKind(job.output_kind)]
    if job.output_kind == OutputKind.CODE:
        suffix = code_suffix(job.output_language) or suffix
    name = f"{job.tool.slug}-{str(job.id)[-8:]}.{suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type=f"{content_type}; charset=utf-8", headers=headers)
