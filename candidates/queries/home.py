"""What a signed-in candidate has: their exams, the one to open, their documents."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import get_language

from candidates.models import Candidate, DeviceLease, DocumentRead, Enrolment
from candidates.queries.mocks import is_running
from candidates.queries.uploading import uploading
from exams.domain.attempts import is_over
from exams.domain.documents import in_language
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, DocumentKind, SessionKind, SessionState
from exams.models import Attempt, Document, DrawnNumber, Project, Session


@dataclass(frozen=True)
class Exam:
    """One line of the home page; instants are aware and in UTC."""

    code: str
    title: str
    kind: str
    time_zone: str
    starts_at: datetime
    login_opens: datetime
    login_closes: datetime
    entry_opens: datetime
    entry_closes: datetime
    ends: datetime
    state: str
    state_label: str
    phase: str
    phase_label: str
    sequence_number: int | None
    is_current: bool
    has_ended: bool
    may_open: bool
    result_ready: bool
    is_uploading: bool


def candidate_of(attempt: Attempt) -> Candidate | None:
    """Return the person behind an attempt; only this floor can ask that."""
    return Candidate.objects.filter(enrolments__attempt=attempt).first()


def attempts_of(candidate: Candidate) -> QuerySet[Attempt]:
    """Return a person's attempts in published sessions, mocks too, earliest first."""
    enrolments = Enrolment.objects.filter(candidate=candidate)
    return (
        Attempt.objects.filter(pk__in=enrolments.values("attempt"))
        .exclude(session__state__in=SessionState.UNSEEN)
        .select_related("session__project")
        .order_by("session__starts_at", "pk")
    )


def attempt_to_open(candidate: Candidate, *, at: datetime) -> Attempt | None:
    """Return the attempt a sign-in is about.

    A formal one whose sign-in has opened, a mock that goes on, the next formal one, or
    the last: a mock that was left open never stands in front of the exam (R5).
    """
    found, mock = [], None
    for attempt in attempts_of(candidate):
        if attempt.session.kind == SessionKind.FORMAL:
            found.append(attempt)
        elif is_running(attempt, at=at):
            mock = attempt
    for attempt in found:
        schedule = Schedule.of(attempt.session, attempt)
        ended = attempt.state in AttemptState.ENDED
        if not ended and at < schedule.upload_closes:
            return mock if mock and at < schedule.login_opens else attempt
    return mock or (found[-1] if found else None)


def exams_of(candidate: Candidate, *, lease: DeviceLease, at: datetime) -> list[Exam]:
    """Return the lines of the formal exams on the home page.

    Two queries, and one more when an exam has ended.
    """
    attempts = list(attempts_of(candidate).filter(session__kind=SessionKind.FORMAL))
    numbers = dict(
        DrawnNumber.objects.filter(attempt__in=attempts).values_list(
            "attempt", "number"
        )
    )
    sending = uploading(attempts, at=at)
    return [
        _exam(attempt, numbers.get(attempt.pk), lease=lease, sending=sending, at=at)
        for attempt in attempts
    ]


def _exam(
    attempt: Attempt,
    number: int | None,
    *,
    lease: DeviceLease,
    sending: set[int],
    at: datetime,
) -> Exam:
    session = attempt.session
    schedule = Schedule.of(session, attempt)
    phase = schedule.phase(at)
    state = AttemptState(attempt.state)
    if state == AttemptState.ENTERED and is_over(attempt, at=at):
        state = AttemptState.SUBMITTED
    return Exam(
        code=attempt.code,
        title=session.title,
        kind=session.kind,
        time_zone=session.time_zone,
        starts_at=schedule.starts,
        login_opens=schedule.login_opens,
        login_closes=schedule.login_closes,
        entry_opens=schedule.entry_opens,
        entry_closes=schedule.entry_closes,
        ends=schedule.ends,
        state=state.value,
        state_label=state.label,
        phase=phase.value,
        phase_label=phase.label,
        sequence_number=number,
        is_current=attempt.pk == lease.attempt_id,
        has_ended=state in AttemptState.ENDED,
        may_open=state not in ("absent", "withdrawn", "released"),
        result_ready=session.state in SessionState.RESULTS_OUT,
        is_uploading=attempt.pk in sending,
    )


def published_documents(
    project: Project,
    *,
    kinds: tuple[str, ...] = (),
    at: datetime,
    language: str | None,
) -> list[Document]:
    """Return the newest published version of each document, in the order of kinds.

    For readers of one language (`get_language()`), or with None for all of them.
    """
    found = Document.objects.filter(project=project, published_at__lte=at)
    if kinds:
        found = found.filter(kind__in=kinds)
    newest: dict[tuple[str, str, str], Document] = {}
    for document in found.order_by("version"):
        newest[(document.kind, document.title, document.language)] = document
    order = DocumentKind.values
    rows = sorted(newest.values(), key=lambda row: (order.index(row.kind), row.pk))
    return rows if language is None else in_language(rows, language)


def open_projects(*, at: datetime) -> QuerySet[Project]:
    """Return the projects that candidates may find: not over, with a session out."""
    return (
        Project.objects.filter(access_closes_at__gt=at)
        .filter(sessions__in=Session.objects.exclude(state__in=SessionState.UNSEEN))
        .distinct()
        .order_by("access_opens_at", "pk")
    )


def documents_to_read(
    attempt: Attempt, *, kinds: tuple[str, ...], at: datetime
) -> list[tuple[Document, datetime | None]]:
    """Return the documents of these kinds, each with when the candidate read it."""
    documents = published_documents(
        attempt.session.project, kinds=kinds, at=at, language=get_language()
    )
    read = dict(
        DocumentRead.objects.filter(attempt=attempt).values_list("document", "at")
    )
    return [(document, read.get(document.pk)) for document in documents]


def project_by_slug(slug: str) -> Project | None:
    return Project.objects.filter(slug=slug).first()
