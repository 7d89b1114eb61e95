"""Files of published documents, for the candidates of the project."""

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from candidates.queries.home import published_documents
from candidates.views.candidate import lease_in
from exams.kernel import clock
from exams.kernel.errors import NotFound
from exams.views.files import served


@require_safe
def document_file(request: HttpRequest, slug: str, digest: str) -> FileResponse:
    """Serve one published file to somebody who is signed in to the project."""
    lease = lease_in(request, slug)
    if lease is None:
        raise NotFound
    project = lease.attempt.session.project
    for document in published_documents(project, at=clock.now(), language=None):
        if document.file and document.file_digest == digest:
            return served(document)
    raise NotFound
