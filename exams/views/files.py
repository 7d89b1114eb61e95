"""A document's file as a download that no browser executes."""

from django.http import FileResponse
from django.utils.http import content_disposition_header

from exams.domain.documents import TEXT, download_name
from exams.kernel.errors import NotFound
from exams.models import Document

# Opened by itself it may do nothing; a picture on our page does not ask this.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def served(document: Document) -> FileResponse:
    """Return the file with the type that was found in it; raises `NotFound`."""
    if not document.file:
        raise NotFound
    try:
        handle = document.file.open("rb")
    except FileNotFoundError:
        raise NotFound from None
    response = FileResponse(handle)
    charset = "; charset=utf-8" if document.file_type == TEXT else ""
    response["Content-Type"] = document.file_type + charset
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=download_name(document)
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "private, no-store"
    return response
