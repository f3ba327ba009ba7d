"""Reads the text of a PDF by pypdfium2: PDFium, which Chromium shows PDFs with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gptstore.sdk.document_bounds import Deadline, check_length, check_pages
from gptstore.sdk.errors import DocumentError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_WRONG_PASSWORD = 4
"""FPDF_ERR_PASSWORD of PDFium."""


def read_pages(data: bytes, deadline: Deadline) -> list[str]:
    """Return the text of each page. Raises DocumentError."""
    document = _open(data)
    try:
        check_pages(len(document))
        pages, length = [], 0
        for number in range(len(document)):
            deadline.check()
            pages.append(_read_page(document, number))
            length += len(pages[-1])
            check_length(length)
    finally:
        document.close()
    if not any(pages):
        raise DocumentError("This PDF holds no text. It may be a scan: send one whose text can be selected.")
    return pages


def _open(data: bytes) -> PdfDocument:
    try:
        from pypdfium2 import PdfDocument, PdfiumError
    except ImportError:
        raise DocumentError(
            "PDF files can't be read here: the tool's package has to require gptstore-sdk[documents]."
        ) from None
    try:
        return PdfDocument(data)
    except PdfiumError as error:
        if getattr(error, "err_code", None) == _WRONG_PASSWORD:
            raise DocumentError("This PDF has a password. Save it without one.") from None
        raise DocumentError("This is not a PDF, or a damaged one.") from None


def _read_page(document: PdfDocument, number: int) -> str:
    """Return the text of one page; "" for one that is damaged, so that the others can be read."""
    from pypdfium2 import PdfiumError

    try:
        page = document[number]
    except PdfiumError:
        return ""
    try:
        words = page.get_textpage()
        try:
            text: str = words.get_text_range()
        finally:
            words.close()
    except PdfiumError:
        return ""
    finally:
        page.close()
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
