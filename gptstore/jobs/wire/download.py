"""Serves a job's output as a file, for pages and programs alike."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from gptstore.jobs.models import Job
from gptstore.sdk.output import OutputKind
from gptstore.sdk.stored_file import read_file
from gptstore.sdk.stored_table import StoredTable

TYPES = {
    OutputKind.TEXT: ("txt", "text/plain"),
    OutputKind.MARKDOWN: ("md", "text/markdown"),
    OutputKind.JSON: ("json", "application/json"),
    OutputKind.CODE: ("txt", "text/plain"),
    OutputKind.TABLE: ("csv", "text/csv"),
}
BOM = "\ufeff"
"""What tells Excel that a CSV file is UTF-8."""


@dataclass(frozen=True)
class Download:
    """The output of a job as a file."""

    name: str
    content_type: str
    data: bytes | str

    def as_attachment(self) -> HttpResponse:
        """Return it so that a browser saves it, and runs nothing of it, HTML least of all."""
        headers = {
            "Content-Disposition": content_disposition_header(True, self.name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return HttpResponse(self.data, content_type=self.content_type, headers=headers)


def make_download(job: Job, text: str, *, as_json: bool = False, suffix: str = "", bom: str = "") -> Download | None:
    """Return the output, of which there is this text, as a file; None for a file that is not whole.

    as_json: a table as JSON instead of CSV. suffix: of the file's name, if it is another than that of the kind.
    bom: to be put before CSV.
    """
    kind = OutputKind(job.output_kind)
    if kind == OutputKind.FILE:
        file = read_file(text)
        return None if file is None else Download(file.name, with_charset(file.media_type), file.data)
    usual, media_type = TYPES[kind]
    if kind == OutputKind.TABLE:
        table = StoredTable(text)
        text = "".join(table.json()) if as_json else bom + "".join(table.csv())
        usual, media_type = TYPES[OutputKind.JSON] if as_json else (usual, media_type)
    return Download(f"{job.tool.slug}-{str(job.id)[-8:]}.{suffix or usual}", with_charset(media_type), text)


def with_charset(media_type: str) -> str:
    is_text = media_type.startswith("text/") or media_type == "application/json"
    return f"{media_type}; charset=utf-8" if is_text else media_type
