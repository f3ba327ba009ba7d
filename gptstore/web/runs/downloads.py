"""A job's output as a file."""

from django.http import HttpResponse

from gptstore.catalog.models import OutputKind
from gptstore.jobs.models import Job

TYPES = {
    OutputKind.TEXT: ("txt", "text/plain"),
    OutputKind.MARKDOWN: ("md", "text/markdown"),
    OutputKind.JSON: ("json", "application/json"),
    OutputKind.CODE: ("txt", "text/plain"),
}
CODE_SUFFIXES = {
    "bash": "sh",
    "c": "c",
    "c++": "cpp",
    "cpp": "cpp",
    "css": "css",
    "go": "go",
    "html": "html",
    "java": "java",
    "javascript": "js",
    "php": "php",
    "python": "py",
    "ruby": "rb",
    "rust": "rs",
    "sh": "sh",
    "sql": "sql",
    "typescript": "ts",
    "yaml": "yaml",
}


def download(job: Job, text: str) -> HttpResponse:
    """Return the text as an attachment and never as HTML, so that a browser saves it and runs nothing."""
    suffix, content_type = TYPES[OutputKind(job.output_kind)]
    if job.output_kind == OutputKind.CODE:
        suffix = CODE_SUFFIXES.get(job.output_language.lower(), suffix)
    name = f"{job.tool.slug}-{str(job.id)[-8:]}.{suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type=f"{content_type}; charset=utf-8", headers=headers)
