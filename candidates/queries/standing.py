"""Read where an attempt stands, in three queries beyond its lease.

Two more while its identity is to be proved and faces can be compared.
"""

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from candidates.models import CheckIn, DeviceLease, Enrolment, StagePassage
from candidates.queries.faces import face_standing
from candidates.queries.rights import Standing
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, SessionKind, Stage
from exams.models import Attempt, Draw, DrawnNumber, Topic
from exams.queries.draws import practice_number


def lease_by_digest(token_digest: str) -> DeviceLease | None:
    """Return the lease of a cookie's digest with its attempt, session and project.

    Its `cursor` is the seq of the attempt's last event, of the same instant: one
    statement is one snapshot.
    """
    name = Concat(Value("attempt:"), OuterRef("attempt__code"))
    topic = Topic.objects.filter(name=name).values("last_seq")[:1]
    return (
        DeviceLease.objects.filter(token_digest=token_digest)
        .select_related("attempt__session__project")
        .annotate(cursor=Coalesce(Subquery(topic), 0))
        .first()
    )


def standing_of(lease: DeviceLease) -> Standing:
    """Return the standing of the lease's attempt (lease read with its session)."""
    attempt = lease.attempt
    done = dict(StagePassage.objects.filter(attempt=attempt).values_list("stage", "at"))
    check_ins = list(CheckIn.objects.filter(attempt=attempt).order_by("-pk"))
    draw = (
        Draw.objects.filter(session=attempt.session_id)
        .values(
            number=Subquery(
                DrawnNumber.objects.filter(attempt=attempt).values("number")[:1]
            ),
            drawn_at=Subquery(
                DrawnNumber.objects.filter(attempt=attempt).values("drawn_at")[:1]
            ),
        )
        .first()
    )
    if draw and draw["number"] is not None:
        done.setdefault(Stage.DRAW, draw["drawn_at"])
    number, draw_ready = draw["number"] if draw else None, draw is not None
    if attempt.session.kind == SessionKind.MOCK:
        # A mock has no draw: its number is always ready, and shown once asked for.
        is_shown = Stage.DRAW in done or attempt.state in AttemptState.PRESENT
        number, draw_ready = practice_number(attempt) if is_shown else None, True
    return Standing(
        lease=lease,
        attempt=attempt,
        schedule=Schedule.of(attempt.session, attempt),
        done=done,
        check_in=check_ins[0] if check_ins else None,
        tries=len(check_ins),
        number=number,
        draw_ready=draw_ready,
        face=face_standing(lease),
        mock_missing=attempt.session.mock_required and not has_finished_mock(attempt),
    )


def has_finished_mock(attempt: Attempt) -> bool:
    """Return whether the person behind an attempt has ended a mock of its project."""
    enrolments = Enrolment.objects.filter(
        candidate__enrolments__attempt=attempt,
        attempt__session__kind=SessionKind.MOCK,
        attempt__session__project=attempt.session.project_id,
        attempt__state__in=AttemptState.ENDED,
    )
    return enrolments.exists()
