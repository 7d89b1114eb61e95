"""Who may announce where, who has an announcement, and what was announced before."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from exams.access import assignments_of
from exams.enums import AttemptState, Role, SessionState
from exams.models import Attempt, Room, Session, Staff
from helpdesk.models import Announcement, Delivery

# Whoever looks after candidates while they sit; each within what the role covers.
ANNOUNCERS = (Role.ADMINISTRATOR, Role.HELPDESK, Role.PROCTOR)
RUNNING = (SessionState.PUBLISHED, SessionState.SCORING)
HISTORY = 100


@dataclass(frozen=True)
class Announced:
    """One line of the history, with its counts."""

    code: str
    title: str
    body: str
    session: str
    room: str
    time_zone: str
    by: str
    at: datetime
    recipients: int
    delivered: int
    read: int


def sessions_to_tell(staff: Staff) -> QuerySet[Session]:
    """Return the running sessions to the whole of which this person may speak."""
    running = Session.objects.filter(state__in=RUNNING).order_by("starts_at", "pk")
    if staff.is_active and staff.is_superuser:
        return running
    held = assignments_of(staff, *ANNOUNCERS)
    return running.filter(
        Q(pk__in=held.values("session")) | Q(project__in=held.values("project"))
    )


def rooms_to_tell(staff: Staff) -> QuerySet[Room]:
    """Return the rooms of running sessions to which this person may speak."""
    running = Room.objects.filter(session__state__in=RUNNING).select_related("session")
    running = running.order_by("session__starts_at", "session", "pk")
    if staff.is_active and staff.is_superuser:
        return running
    held = assignments_of(staff, *ANNOUNCERS)
    return running.filter(
        Q(pk__in=held.values("room"))
        | Q(session__in=held.values("session"))
        | Q(session__project__in=held.values("project"))
    )


def recipients_of(session_id: int, room_id: int | None) -> QuerySet[Attempt]:
    """Return the attempts that an announcement is for: all but who withdrew."""
    found = Attempt.objects.filter(session=session_id).exclude(
        state=AttemptState.WITHDRAWN
    )
    return found.filter(room=room_id) if room_id else found


def unreached(announcement: Announcement) -> QuerySet[Attempt]:
    """Return the attempts that still lack it, in a fixed order."""
    reached = Delivery.objects.filter(announcement=announcement, attempt=OuterRef("pk"))
    found = recipients_of(announcement.session_id, announcement.room_id)
    return found.filter(~Exists(reached)).order_by("pk")


def standing() -> QuerySet[Announcement]:
    """Return the announcements of sessions that are still sat, the oldest first."""
    return Announcement.objects.filter(session__state=SessionState.PUBLISHED).order_by(
        "pk"
    )


def history_of(staff: Staff) -> list[Announced]:
    """Return the newest hundred announcements where this person may speak."""
    sessions, rooms = sessions_to_tell(staff), rooms_to_tell(staff)
    rows = list(
        Announcement.objects.filter(
            Q(session__in=sessions)
            | Q(room__in=rooms)
            | Q(room__isnull=True, session__rooms__in=rooms)
        )
        .distinct()
        .select_related("session", "room", "by")
        .order_by("-at", "-pk")[:HISTORY]
    )
    counts = {
        row["announcement"]: row
        for row in Delivery.objects.filter(announcement__in=rows)
        .values("announcement")
        .annotate(
            delivered=Count("pk"),
            read=Count("pk", filter=Q(item__read_at__isnull=False)),
        )
    }
    return [_line(row, counts.get(row.pk, {})) for row in rows]


def _line(row: Announcement, counts: dict) -> Announced:
    return Announced(
        code=row.code,
        title=row.title,
        body=row.body,
        session=row.session.title,
        room=row.room.name if row.room else "",
        time_zone=row.session.time_zone,
        by=str(row.by),
        at=row.at,
        recipients=recipients_of(row.session_id, row.room_id).count(),
        delivered=counts.get("delivered", 0),
        read=counts.get("read", 0),
    )
