"""What an admission ticket says, and which of the files still say it.

Reads only. One `Sheet` is one candidate's ticket; the file, the print page and the
candidate's own page are all drawn from it, and its digest tells whether a file is out
of date. ID and phone numbers are never read here.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Q, QuerySet

from candidates.enums import TicketsState
from candidates.models import Candidate, Enrolment, Mailing, Ticket, TicketBatch
from candidates.queries.home import published_documents
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, DocumentKind, SessionState
from exams.kernel import canonical, clock
from exams.models import Session

SEALED = ("candidate__id_number", "candidate__phone", "candidate__email")
WINDOWS = (
    *("login_opens", "login_closes", "entry_opens", "entry_closes"),
    *("starts", "ends"),
)


@dataclass(frozen=True)
class Heading:
    """What is the same on every ticket of a session; texts as people typed them."""

    project: str
    session: str
    time_zone: str
    hotline: str
    hotline_hours: str
    rules: tuple[tuple[str, str], ...]
    entry_url: str

    @cached_property
    def digest(self) -> str:
        return _digest(asdict(self))


@dataclass(frozen=True)
class Sheet:
    """One candidate's ticket; instants are aware and in UTC, `photo` a file's name."""

    enrolment: int
    attempt: str
    candidate: int
    room_id: int | None
    room: str
    name: str
    ticket_number: str
    post: str
    photo: str
    windows: dict[str, datetime]
    heading: Heading

    @cached_property
    def digest(self) -> str:
        return _digest(
            {
                "heading": self.heading.digest,
                "attempt": self.attempt,
                "person": [self.name, self.ticket_number, self.post, self.photo],
                "room": self.room,
                "windows": [clock.milliseconds(self.windows[name]) for name in WINDOWS],
            }
        )


@dataclass(frozen=True)
class Freshness:
    """How a batch stands to the present roster: counts, and the files out of date."""

    stale: frozenset[int]
    missing: int

    @property
    def is_fresh(self) -> bool:
        return not self.stale and not self.missing


def heading_of(
    session: Session, *, language: str, entry_url: str, at: datetime
) -> Heading:
    """Return the common part; the rules are the published exam rules at `at` (R13)."""
    project = session.project
    rules = published_documents(
        project, kinds=(DocumentKind.RULES,), at=at, language=language
    )
    return Heading(
        project=project.title,
        session=session.title,
        time_zone=session.time_zone,
        hotline=project.hotline,
        hotline_hours=project.hotline_hours,
        rules=tuple((row.title, row.body) for row in rules),
        entry_url=entry_url,
    )


def enrolled(session: Session) -> QuerySet[Enrolment]:
    """Return who gets a ticket or a letter: everybody who has not withdrawn."""
    return (
        Enrolment.objects.filter(session=session, mock_day__isnull=True)
        .exclude(attempt__state=AttemptState.WITHDRAWN)
        .select_related("candidate", "attempt__room")
        .defer(*SEALED)
        .order_by("attempt__room__name", "candidate__ticket_number")
    )


def sheets_of(
    source: TicketBatch | Mailing, people: Iterable[Enrolment], *, at: datetime
) -> list[Sheet]:
    """Return the tickets of these enrolments, in their order.

    Session, language and entry address are those of `source`.
    """
    heading = heading_of(
        source.session, language=source.language, entry_url=source.entry_url, at=at
    )
    return [_sheet(source.session, row, heading) for row in people]


def _sheet(session: Session, row: Enrolment, heading: Heading) -> Sheet:
    person, attempt = row.candidate, row.attempt
    schedule = Schedule.of(session, attempt)
    return Sheet(
        enrolment=row.pk,
        attempt=attempt.code,
        candidate=person.pk,
        room_id=attempt.room_id,
        room=attempt.room.name if attempt.room else "",
        name=person.name,
        ticket_number=person.ticket_number,
        post=person.post,
        photo=person.photo.name or "",
        windows={name: getattr(schedule, name) for name in WINDOWS},
        heading=heading,
    )


def room_digest(sheets: Iterable[Sheet]) -> str:
    """Return the digest of one room's file: of its tickets, in their order."""
    return _digest([sheet.digest for sheet in sheets])


def by_room(sheets: Iterable[Sheet]) -> dict[int | None, list[Sheet]]:
    """Return the tickets by room, `None` for those without one."""
    rooms: dict[int | None, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        rooms[sheet.room_id].append(sheet)
    return rooms


def freshness_of(batch: TicketBatch, *, at: datetime) -> Freshness:
    """Compare every file of a batch with the present roster; four queries.

    A file that is not made yet is not out of date.
    """
    sheets = sheets_of(batch, enrolled(batch.session), at=at)
    people = {sheet.enrolment: sheet.digest for sheet in sheets}
    rooms = {room: room_digest(found) for room, found in by_room(sheets).items()}
    stale, held = set(), set()
    rows = batch.tickets.values_list("pk", "enrolment", "room", "digest", "made_at")
    for pk, enrolment, room, digest, made_at in rows:
        if enrolment:
            held.add(enrolment)
        now = people.get(enrolment) if enrolment else rooms.get(room)
        if made_at and now != digest:
            stale.add(pk)
    return Freshness(frozenset(stale), missing=len(people.keys() - held))


def is_stale(ticket: Ticket, *, at: datetime) -> bool:
    """Return whether this one file no longer says what is true."""
    batch = ticket.batch
    people = enrolled(batch.session)
    if ticket.enrolment_id:
        people = people.filter(pk=ticket.enrolment_id)
    else:
        people = people.filter(attempt__room=ticket.room_id)
    sheets = sheets_of(batch, people, at=at)
    if not ticket.enrolment_id:
        return room_digest(sheets) != ticket.digest
    return [sheet.digest for sheet in sheets] != [ticket.digest]


def progress_of(batch: TicketBatch) -> dict[str, int]:
    """Return `{made, total, problems}` of the files; one query."""
    return batch.tickets.aggregate(
        made=Count("pk", filter=Q(made_at__isnull=False)),
        total=Count("pk"),
        problems=Count("pk", filter=~Q(problem="")),
    )


def batches_due() -> QuerySet[TicketBatch]:
    """Return the batches whose job has not finished, oldest first."""
    return TicketBatch.objects.filter(state=TicketsState.MAKING).order_by("created_at")


def own_tickets(candidate: Candidate) -> dict[str, list[Ticket]]:
    """Return a person's published tickets by attempt code; one query."""
    found: dict[str, list[Ticket]] = defaultdict(list)
    rows = (
        Ticket.objects.filter(
            enrolment__candidate=candidate, batch__state=TicketsState.PUBLISHED
        )
        .exclude(batch__session__state__in=SessionState.UNSEEN)
        .select_related("batch__session__project", "enrolment__attempt")
        .order_by("batch__language")
    )
    for ticket in rows:
        found[ticket.enrolment.attempt.code].append(ticket)
    return found


def _digest(payload: object) -> str:
    return hashlib.sha256(canonical.encode(payload)).hexdigest()
