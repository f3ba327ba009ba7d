"""A document as an input: its text is read when the tool asks for it, so in the sandbox."""

from __future__ import annotations

from functools import cached_property

from gptstore.sdk.document_bounds import Deadline, check_length
from gptstore.sdk.file import File
from gptstore.sdk.text import storable

PDF, DOCX, HTML = (".pdf",), (".docx",), (".html", ".htm")


class Document(File):
    """A text, Markdown, HTML, PDF or Word file. Reading `text` or `pages` raises DocumentError where that fails."""

    kind = "document"
    suffixes = (".txt", ".md", *HTML, *PDF, *DOCX)
    text_name = "text.txt"

    @cached_property
    def pages(self) -> list[str]:
        """Return the text of each page; a file without pages is one."""
        pages = [storable(page) for page in self._read(Deadline())]
        check_length(sum(map(len, pages)))
        return pages

    @property
    def text(self) -> str:
        """Return the whole text, with an empty line between pages."""
        return "\n\n".join(page for page in self.pages if page)

    def _read(self, deadline: Deadline) -> list[str]:
        """Read the file by its name's kind. What reads a kind is imported here, since few tools need it."""
        if self.suffix in PDF:
            from gptstore.sdk.pdf import read_pages

            return read_pages(self.data, deadline)
        if self.suffix in DOCX:
            from gptstore.sdk.docx import read_docx

            return [read_docx(self.data, deadline)]
        from gptstore.sdk.plain_text import decode

        if self.suffix in HTML:
            from gptstore.sdk.html import read_html

            return [read_html(self.data, deadline)]
        return [decode(self.data)]
