"""Announcements: one text to everybody of a session or a room.

Owns `Announcement` and `Delivery`; the inbox items are made by `candidates`. Who is
still without the announcement is asked of the rows, so that delivery can stop
anywhere, go on anywhere, and reach an attempt that is added later (design §14).
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from candidates.domain import inbox
from candidates.enums import InboxKind
from exams.domain.audit import Actor, record
from exams.kernel.errors import BadInput
from exams.models import Attempt, Room, Session, Staff
from helpdesk.domain.words import clean_text
from helpdesk.models import Announcement, Delivery
from helpdesk.queries.announcements import standing, unreached

MAX_TITLE, MAX_BODY = 120, 2000
BATCH = 100
AT_ONCE = 500


def announce(
    session: Session,
    *,
    room: Room | None,
    title: str,
    body: str,
    client_id: UUID,
    by: Staff,
    at: datetime,
) -> Announcement:
    """Store an announcement for a session, or for one of its rooms.

    The same `client_id` again returns the same one. Nobody has it yet: `deliver`
    and the sweep bring it. Raises `BadInput`.
    """
    title = clean_text(title, limit=MAX_TITLE)
    body = clean_text(body, limit=MAX_BODY)
    if room is not None and room.session_id != session.pk:
        raise BadInput(reason="room")
    known = Announcement.objects.filter(client_id=client_id)
    try:
        with transaction.atomic():
            row = known.first()
            if row:
                return row
            row = Announcement.objects.create(
                client_id=client_id,
                session=session,
                room=room,
                title=title,
                body=body,
                by=by,
                at=at,
            )
            record(
                "announcement.made",
                by=Actor.of_staff(by),
                at=at,
                subject=f"announcement:{row.code}",
                facts={"room": room.pk if room else None},
                chain=session.code,
            )
    except IntegrityError:
        return known.get()
    return row


def deliver(announcement: Announcement, *, at: datetime, limit: int = AT_ONCE) -> int:
    """Bring it to at most `limit` attempts that lack it; return to how many.

    A hundred per transaction, so that no other writer waits for a whole session.
    """
    done = 0
    while done < limit:
        size = min(BATCH, limit - done)
        with transaction.atomic():
            # One deliverer at a time: the sweep comes by while a page delivers.
            Announcement.objects.select_for_update().get(pk=announcement.pk)
            found = list(unreached(announcement)[:size])
            _deliver(announcement, found, at=at)
        done += len(found)
        if len(found) < size:
            break
    return done


def sweep_announcements(*, at: datetime) -> int:
    """Bring every announcement to those who lack it, late comers too."""
    lacking = (row for row in standing() if unreached(row).exists())
    return sum(deliver(row, at=at) for row in lacking)


def _deliver(
    announcement: Announcement, attempts: list[Attempt], *, at: datetime
) -> None:
    items = inbox.deliver_to_all(
        attempts,
        kind=InboxKind.ANNOUNCEMENT,
        title=announcement.title,
        body=announcement.body,
        at=at,
    )
    Delivery.objects.bulk_create(
        Delivery(announcement=announcement, attempt=item.attempt, item=item)
        for item in items
    )
