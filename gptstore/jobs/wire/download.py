"""Serves a job's output as a file, for pages and programs alike."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from gptstore.jobs.models import Job
from gptstore.sdk.output import OutputKind
from gptstore.sdk.output_file import HARMLESS, make_file


def make_download(
    job: Job, text: str, *, as_json: bool = False, suffix: str = "", bom: str = ""
) -> HttpResponse | None:
    """Return the output, of which there is this text, as an attachment; None for a file that is not whole.

    as_json, suffix, bom: see `gptstore.sdk.output_file.make_file`.
    """
    stem = f"{job.tool.slug}-{str(job.id)[-8:]}"
    file = make_file(OutputKind(job.output_kind), text, stem, as_json=as_json, suffix=suffix, bom=bom)
    if file is None:
        return None
    headers = {"Content-Disposition": content_disposition_header(True, file.name) or "attachment", **HARMLESS}
    return HttpResponse(file.data, content_type=file.content_type, headers=headers)
