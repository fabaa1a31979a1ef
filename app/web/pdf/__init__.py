"""The report as a PDF: built from the same view as the page, typeset by Typst, accessible (PDF/UA-1) and archivable (PDF/A-2a)."""

from app.web.pdf.document import Document, document_of
from app.web.pdf.typesetting import typeset

__all__ = ["Document", "document_of", "typeset"]
