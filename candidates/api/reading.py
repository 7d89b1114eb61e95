"""States and results of a session's candidates, for other systems.

Rows carry the ticket number, which the asking system gave itself. The sequence number
is left out: whoever had both would know whom an examiner scores.
"""

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from candidates.models import Enrolment
from exams.api.systems import ReadingView
from exams.enums import AttemptState, Scope
from exams.kernel.errors import NotFound
from exams.models import Attempt, Result, Session
from exams.queries.voids import void_attempts


class StateSerializer(serializers.Serializer):
    code = serializers.CharField()
    ticket_number = serializers.CharField()
    room = serializers.CharField(source="room_name", allow_null=True)
    state = serializers.ChoiceField(AttemptState.values)
    entered_at = serializers.DateTimeField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)


class ResultSerializer(serializers.Serializer):
    """`value` is exact decimal text; null while the score is cancelled."""

    code = serializers.CharField()
    ticket_number = serializers.CharField()
    value = serializers.SerializerMethodField()
    is_cancelled = serializers.BooleanField()
    released_at = serializers.DateTimeField()

    def get_value(self, result: Result) -> str | None:
        return None if result.is_cancelled else result.working["value"]


class OfSession(ReadingView):
    """Rows of one session of the token's project."""

    @property
    def session(self) -> Session:
        """The session of the address; another project's does not exist."""
        row = Session.objects.filter(project=self.project, code=self.kwargs["code"])
        if (session := row.first()) is None:
            raise NotFound
        return session


@extend_schema(summary=_("How far each candidate of a session is"))
class StatesView(OfSession):
    queryset = Attempt.objects.none()
    serializer_class = StateSerializer
    scope = Scope.STATES

    def get_queryset(self) -> QuerySet[dict]:
        rows = self.session.attempts.annotate(ticket_number=_ticket("pk"))
        columns = ("code", "ticket_number", "state", "entered_at", "submitted_at")
        return rows.values(*columns, room_name=F("room__name"))


@extend_schema(summary=_("The released results of a session"))
class ResultsView(OfSession):
    queryset = Result.objects.none()
    serializer_class = ResultSerializer
    scope = Scope.RESULTS

    def get_queryset(self) -> QuerySet[Result]:
        rows = Result.objects.filter(
            attempt__session=self.session, released_at__isnull=False
        )
        return rows.annotate(
            code=F("attempt__code"),
            ticket_number=_ticket("attempt"),
            is_cancelled=Exists(void_attempts().filter(pk=OuterRef("attempt"))),
        )


def _ticket(column: str) -> Subquery:
    held = Enrolment.objects.filter(attempt=OuterRef(column))
    return Subquery(held.values("candidate__ticket_number")[:1])
