"""The desk's queue, one conversation, and whose it is."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import (
    Case,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from candidates.models import Enrolment
from exams.access import assignments_of
from exams.enums import Role
from exams.kernel.clock import milliseconds
from exams.models import Assignment, Attempt, DrawnNumber, Project, Staff
from exams.queries.events import cursor_of
from exams.queries.retention import erased_words
from helpdesk.enums import RequestState, Side
from helpdesk.events import request_topic
from helpdesk.models import Message, ReadMark, Request

DESK = (Role.HELPDESK, Role.ADMINISTRATOR)
ANSWERERS = (*DESK, Role.PROCTOR)
QUEUE_ROWS = 200
COLLEAGUES = 50
PAGE = 500
SHOWS = ("waiting", "mine", "resolved")


@dataclass(frozen=True)
class QueueLine:
    """One request on the desk; `number` is the drawn one, if any."""

    code: str
    number: int | None
    ticket_number: str
    signed_in: bool
    topic_label: str
    state: str
    state_label: str
    owner: str
    last: str
    last_author: str
    place: str
    waiting_since: datetime | None
    last_at: datetime
    unread: int


def requests_for(staff: Staff) -> QuerySet[Request]:
    """Return the requests that this person may read and answer.

    Helpdesk and administrators those of the attempts that their role covers and what
    is asked before a sign-in in their projects; a proctor those of the attempts of
    their rooms and sessions.
    """
    rows = Request.objects.select_related(
        "project", "owner", "attempt__session", "attempt__room"
    )
    if not staff.is_active:
        return rows.none()
    if staff.is_superuser:
        return rows
    held = assignments_of(staff, *ANSWERERS)
    covered = (
        Q(attempt__room__in=held.values("room"))
        | Q(attempt__session__in=held.values("session"))
        | Q(attempt__session__project__in=held.values("project"))
    )
    unsigned = Q(attempt__isnull=True, project__in=desk_projects(staff))
    return rows.filter(covered | unsigned)


def answerers_of(row: Request) -> QuerySet[Staff]:
    """Return who of the staff holds a role that covers this request."""
    if row.attempt is None:
        project = row.project
        here = (
            Q(project=project)
            | Q(session__project=project)
            | Q(room__session__project=project)
        )
        held = Assignment.objects.filter(here, role__in=DESK)
    else:
        held = Assignment.objects.filter(_covers(row.attempt), role__in=ANSWERERS)
    return Staff.objects.filter(is_active=True, pk__in=held.values("staff"))


def colleagues_of(row: Request, *, but: Staff) -> list[Staff]:
    """Return to whom a request can be handed over, by name of the account."""
    return list(answerers_of(row).exclude(pk=but.pk).order_by("username")[:COLLEAGUES])


def may_answer(staff: Staff | None, attempt: Attempt) -> bool:
    """Return whether a request of this attempt would be the person's to answer."""
    if staff is None or not staff.is_active:
        return False
    held = assignments_of(staff, *ANSWERERS).filter(_covers(attempt))
    return staff.is_superuser or held.exists()


def _covers(attempt: Attempt) -> Q:
    here = Q(session=attempt.session_id) | Q(project=attempt.session.project_id)
    return here | Q(room=attempt.room_id) if attempt.room_id else here


def desk_projects(staff: Staff) -> QuerySet[Project]:
    """Return the projects in which the person holds a role of the desk anywhere."""
    if staff.is_active and staff.is_superuser:
        return Project.objects.all()
    held = assignments_of(staff, *DESK)
    return Project.objects.filter(
        Q(pk__in=held.values("project"))
        | Q(sessions__in=held.values("session"))
        | Q(sessions__rooms__in=held.values("room"))
    ).distinct()


def queue_projects(staff: Staff) -> list[str]:
    """Return the addresses of the projects whose queue this person's desk shows."""
    rows = Project.objects.all()
    if not staff.is_superuser:
        held = assignments_of(staff, *ANSWERERS)
        rows = rows.filter(
            Q(pk__in=held.values("project"))
            | Q(sessions__in=held.values("session"))
            | Q(sessions__rooms__in=held.values("room"))
        ).distinct()
    return list(rows.order_by("-access_opens_at", "-pk").values_list("slug", flat=True))


def request_by_code(code: str) -> Request | None:
    """Return one request with what its sides and its page need."""
    return (
        Request.objects.filter(code=code)
        .select_related("project", "owner", "attempt__session", "attempt__room")
        .first()
    )


def request_of_attempt(attempt_pk: int) -> Request | None:
    rows = Request.objects.filter(attempt=attempt_pk)
    return rows.select_related("project", "attempt__session").first()


def request_of_browser(project: Project, digest: str) -> Request | None:
    """Return what a browser asked before it signed in."""
    if not digest:
        return None
    return (
        Request.objects.filter(
            project=project, asker_digest=digest, attempt__isnull=True
        )
        .select_related("project")
        .first()
    )


def counts_of(staff: Staff) -> dict[str, int]:
    """Return how many requests each list of the desk has."""
    rows = requests_for(staff)
    return {show: _shown(rows, staff, show).count() for show in SHOWS}


def queue_of(staff: Staff, *, show: str) -> list[QueueLine]:
    """Return one list of the desk: who waits longest comes first; six queries."""
    rows = _shown(requests_for(staff), staff, show).annotate(
        seen=Coalesce(
            Subquery(
                ReadMark.objects.filter(request=OuterRef("pk"), side=Side.STAFF).values(
                    "upto"
                )[:1]
            ),
            0,
        ),
        unread=Coalesce(
            Subquery(
                Message.objects.filter(
                    request=OuterRef("pk"),
                    author=Side.CANDIDATE,
                    seq__gt=OuterRef("seen"),
                )
                .order_by()
                .values("request")
                .annotate(found=Count("pk"))
                .values("found")
            ),
            0,
        ),
        is_quiet=Case(
            When(waiting_since__isnull=True, then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        ),
    )
    order = ("-last_at",) if show == "resolved" else ("is_quiet", "waiting_since")
    found = list(rows.order_by(*order, "-last_at", "pk")[:QUEUE_ROWS])
    return lines_of(found)


def line_of(row: Request) -> QueueLine:
    """Return the line of one request; whoever looks at it has nothing unread."""
    row.unread = 0
    return lines_of([row])[0]


def lines_of(rows: list[Request]) -> list[QueueLine]:
    """Return the lines of requests that carry `unread`, in four queries."""
    attempts = [row.attempt_id for row in rows if row.attempt_id]
    numbers = dict(
        DrawnNumber.objects.filter(attempt__in=attempts).values_list(
            "attempt", "number"
        )
    )
    tickets = dict(
        Enrolment.objects.filter(attempt__in=attempts).values_list(
            "attempt", "candidate__ticket_number"
        )
    )
    last = _last_messages(rows)
    return [
        QueueLine(
            code=row.code,
            number=numbers.get(row.attempt_id),
            ticket_number=tickets.get(row.attempt_id) or row.ticket_number,
            signed_in=row.attempt_id is not None,
            topic_label=row.get_topic_display(),
            state=row.state,
            state_label=row.get_state_display(),
            owner=str(row.owner) if row.owner else "",
            last=last[row.pk].text if row.pk in last else "",
            last_author=last[row.pk].author if row.pk in last else "",
            place=_place(row),
            waiting_since=row.waiting_since,
            last_at=row.last_at,
            unread=row.unread,
        )
        for row in rows
    ]


def thread_of(request: Request, *, side: str, after: int = 0) -> dict:
    """Return the conversation after a seq as one side sees it, at most 500 messages.

    The cursor is read first: an event written while the rest is read is then told
    again rather than lost.
    """
    cursor = cursor_of(request_topic(request.code))
    marks = dict(ReadMark.objects.filter(request=request).values_list("side", "upto"))
    rows = (
        Message.objects.filter(request=request, seq__gt=after)
        .select_related("by")
        .order_by("seq")[:PAGE]
    )
    return {
        "code": request.code,
        "state": request.state,
        "state_label": str(RequestState(request.state).label),
        "side": str(side),
        "time_zone": _time_zone(request),
        "cursor": cursor,
        "read": {one: marks.get(one, 0) for one in Side.values},
        "messages": [_message(row, side, request.erased_at) for row in rows],
    }


def _message(row: Message, side: str, erased_at: datetime | None) -> dict:
    erased = erased_at is not None and not row.text
    # Who of the staff answered is theirs to know.
    shown = str(row.by) if row.by and side == Side.STAFF else ""
    return {
        "seq": row.seq,
        "author": row.author,
        "by": shown,
        "client_id": str(row.client_id),
        "text": erased_words(erased_at) if erased else row.text,
        "at_ms": milliseconds(row.at),
    }


def _shown(rows: QuerySet[Request], staff: Staff, show: str) -> QuerySet[Request]:
    if show == "resolved":
        return rows.filter(state=RequestState.RESOLVED)
    rows = rows.exclude(state=RequestState.RESOLVED)
    return rows.filter(owner=staff) if show == "mine" else rows


def _last_messages(rows: list[Request]) -> dict[int, Message]:
    # `last_seq` names the last message of each, so one OR of pairs finds them all.
    pairs = Q(pk__in=[])
    for row in rows:
        pairs |= Q(request=row.pk, seq=row.last_seq)
    return {found.request_id: found for found in Message.objects.filter(pairs)}


def _time_zone(request: Request) -> str:
    attempt = request.attempt
    return attempt.session.time_zone if attempt else settings.STAFF_TIME_ZONE


def _place(row: Request) -> str:
    if row.attempt is None:
        return row.project.title
    room = row.attempt.room
    return (
        f"{row.attempt.session.title} · {room.name}"
        if room
        else row.attempt.session.title
    )
