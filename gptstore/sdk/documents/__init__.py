"""Files as inputs: documents whose text is read where the tool runs, and tables."""

from gptstore.sdk.documents.document import Document
from gptstore.sdk.documents.table import Table

__all__ = ["Document", "Table"]
