"""Serves a run's output as a file to a person."""

from django.http import Http404, HttpResponse

from gptstore.jobs.models import Job
from gptstore.jobs.wire.download import make_download
from gptstore.sdk.output import OutputKind
from gptstore.sdk.output_file import BOM
from gptstore.sdk.render.languages import code_suffix


def download(job: Job, text: str, *, as_json: bool = False) -> HttpResponse:
    """Return the text as an attachment. Raises Http404 for a file of which there is only a part."""
    suffix = code_suffix(job.output_language) if job.output_kind == OutputKind.CODE else ""
    found = make_download(job, text, as_json=as_json, suffix=suffix, bom=BOM)
    if found is None:
        raise Http404
    return found
