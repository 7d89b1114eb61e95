"""Reads of the candidate's page: state, documents, own information."""

from rest_framework.request import Request
from rest_framework.response import Response

from candidates.access import HoldsVerifiedLease
from candidates.api.base import told_state
from candidates.domain.passage import DOCUMENT_KINDS
from candidates.domain.people import mask_id_number
from candidates.queries.home import candidate_of, documents_to_read
from candidates.queries.rights import NotEnrolled
from candidates.queries.standing import standing_of
from candidates.views.candidate import file_of
from exams.api.base import FreshView
from exams.kernel import clock
from exams.kernel.errors import BadInput


class StateView(FreshView):
    """The one state reply; every button and clock is drawn from it."""

    def get(self, request: Request) -> Response:
        return Response(told_state(request.auth, at=clock.now()))


class DocumentsView(FreshView):
    """The documents of one reading stage, with when they were read (R43, R51)."""

    def get(self, request: Request) -> Response:
        stage = request.query_params.get("stage", "")
        if stage not in DOCUMENT_KINDS:
            raise BadInput(reason="stage")
        found = documents_to_read(
            request.auth.attempt, kinds=DOCUMENT_KINDS[stage], at=clock.now()
        )
        return Response(
            [
                {
                    "id": document.pk,
                    "kind": document.kind,
                    "title": document.title,
                    "version": document.version,
                    "body": document.body,
                    "must_read": document.must_read,
                    "file": file_of(document),
                    "read_ms": None if read is None else clock.milliseconds(read),
                }
                for document, read in found
            ]
        )


class InformationView(FreshView):
    """Who the candidate is, to be confirmed by themselves only (R62)."""

    permission_classes = [HoldsVerifiedLease]

    def get(self, request: Request) -> Response:
        attempt = request.auth.attempt
        candidate = candidate_of(attempt)
        if candidate is None:
            raise NotEnrolled
        return Response(
            {
                "name": candidate.name,
                "masked_id": mask_id_number(candidate.id_number),
                "post": candidate.post,
                "ticket_number": candidate.ticket_number,
                "session": attempt.session.title,
                "sequence_number": standing_of(request.auth).number,
            }
        )
