"""Admission tickets: asked for, published, handed out, replaced (features row 5).

Owns `TicketBatch`, and `Ticket` together with `ticket_making`, which makes the files
under `TICKETS_ROOT/<batch>/`. A file that no longer says what is true is never handed
out.
"""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from candidates.backends.ticket_fonts import Fonts
from candidates.enums import TicketsState
from candidates.models import Ticket, TicketBatch
from candidates.queries.tickets import (
    Sheet,
    by_room,
    enrolled,
    freshness_of,
    is_stale,
    sheets_of,
)
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.domain.mock_windows import require_formal
from exams.enums import SessionState
from exams.kernel import jobs
from exams.kernel.errors import Conflict, NotFound, Refusal
from exams.kernel.states import Machine
from exams.kernel.tokens import random_code
from exams.models import Session, Staff

TICKETS_TASK = "candidates.tasks.make_tickets"
BATCH = 500

MACHINE = Machine(
    {
        "making": frozenset({"ready", "failed"}),
        "ready": frozenset({"published", "superseded"}),
        "published": frozenset({"withdrawn", "superseded"}),
        "failed": frozenset({"superseded"}),
    }
)


class NobodyEnrolled(Refusal):
    """Without a roster there is nobody to address."""

    code = "nobody_enrolled"
    message = _("Nobody is on the roster of this session yet.")


class TicketsBeingMade(Conflict):
    """Tickets of this session and language are being made just now."""

    code = "tickets_being_made"
    message = _("The tickets of this session are being made already. Wait for them.")


class TicketsStale(Refusal):
    """The roster, the session or the project changed since. Facts: `count`."""

    code = "tickets_stale"
    message = _(
        "%(count)s of these tickets no longer agree with the roster, the session or "
        "the project. Make the tickets again."
    )


class TicketStale(Refusal):
    """This one file no longer says what is true; nobody is handed it."""

    code = "ticket_stale"
    message = _(
        "This ticket is out of date: what it says has changed since. New tickets have "
        "to be made."
    )


class SessionNotPublished(Refusal):
    """Candidates do not see a draft, so they cannot have its tickets."""

    code = "session_not_published"
    message = _("Publish the session first: candidates do not see it yet.")


def request_tickets(
    session: Session, *, language: str, entry_url: str, by: Staff, at: datetime
) -> TicketBatch:
    """Plan the tickets of a formal session and wake the job that makes them.

    `language` is one of `LANGUAGES`, `entry_url` the candidates' address in full. Older
    tickets that were never published are replaced at once; published ones stay until
    the new ones are published. Raises `NotForMocks`, `NobodyEnrolled`, `FontMissing`,
    `TicketsBeingMade`.
    """
    require_formal(session)
    with Fonts():
        pass
    try:
        with transaction.atomic():
            batch = TicketBatch.objects.create(
                session=session,
                language=language,
                entry_url=entry_url,
                requested_by=by,
                created_at=at,
            )
            people = list(enrolled(session))
            if not people:
                raise NobodyEnrolled
            _plan(batch, sheets_of(batch, people, at=at))
            for old in _others(batch).filter(
                state__in=[TicketsState.READY, TicketsState.FAILED]
            ):
                move_batch(old, TicketsState.SUPERSEDED, by=Actor.of_staff(by), at=at)
            _record("tickets.requested", batch, by=Actor.of_staff(by), at=at)
            jobs.wake(TICKETS_TASK, batch=batch.code)
    except IntegrityError:
        raise TicketsBeingMade from None
    return batch


def publish_tickets(batch: TicketBatch, *, by: Actor, at: datetime) -> TicketBatch:
    """Let each candidate have their own ticket on their home page.

    Raises `SessionNotPublished`, `TicketsStale`, `IllegalMove`, `Conflict`.
    """
    with transaction.atomic():
        if batch.session.state in SessionState.UNSEEN:
            raise SessionNotPublished
        fresh = freshness_of(batch, at=at)
        if not fresh.is_fresh:
            raise TicketsStale(count=len(fresh.stale) + fresh.missing)
        for old in _others(batch).filter(state=TicketsState.PUBLISHED):
            move_batch(old, TicketsState.SUPERSEDED, by=by, at=at)
        move_batch(batch, TicketsState.PUBLISHED, by=by, at=at, published_at=at)
    return batch


def withdraw_tickets(
    batch: TicketBatch, *, by: Actor, at: datetime, reason: str
) -> TicketBatch:
    """Take published tickets back: candidates no longer find them (with a reason)."""
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        move_batch(batch, TicketsState.WITHDRAWN, by=by, at=at)
    return batch


def open_ticket(ticket: Ticket, *, by: Actor, at: datetime) -> Path:
    """Return the file of one ticket, and record who had it.

    Raises `NotFound` when there is no file (any more), `TicketStale`.
    """
    path = Path(settings.TICKETS_ROOT) / ticket.path
    batch = ticket.batch
    usable = batch.state in TicketsState.WITH_FILES and ticket.path and path.exists()
    if not usable:
        raise NotFound
    if is_stale(ticket, at=at):
        raise TicketStale
    with transaction.atomic():
        _record("ticket.opened", batch, by=by, at=at, ticket=ticket.code)
    return path


def record_print(batch: TicketBatch, *, count: int, by: Actor, at: datetime) -> None:
    """Record that somebody had the print page of so many tickets."""
    with transaction.atomic():
        _record("tickets.printed", batch, by=by, at=at, count=count)


def sweep_ticket_files(*, at: datetime) -> int:
    """Delete the files of batches that nobody may have any more; return how many."""
    done = 0
    ended = [TicketsState.SUPERSEDED, TicketsState.WITHDRAWN, TicketsState.FAILED]
    for batch in TicketBatch.objects.filter(has_files=True, state__in=ended):
        shutil.rmtree(folder_of(batch), ignore_errors=True)
        done += TicketBatch.objects.filter(pk=batch.pk).update(has_files=False)
    return done


def folder_of(batch: TicketBatch) -> Path:
    """Return where the files of a batch lie; its name tells nothing."""
    return Path(settings.TICKETS_ROOT) / batch.code


def _plan(batch: TicketBatch, sheets: Sequence[Sheet]) -> None:
    own = [
        Ticket(batch=batch, code=random_code(24), enrolment_id=sheet.enrolment)
        for sheet in sheets
    ]
    rooms = [
        Ticket(batch=batch, code=random_code(24), room_id=room)
        for room in by_room(sheets)
    ]
    Ticket.objects.bulk_create([*own, *rooms], batch_size=BATCH)


def _others(batch: TicketBatch):
    same = TicketBatch.objects.filter(session=batch.session, language=batch.language)
    return same.exclude(pk=batch.pk).select_related("session").select_for_update()


def move_batch(
    batch: TicketBatch, state: str, *, by: Actor, at: datetime, **columns: object
) -> None:
    """Move a batch and record it; raises `IllegalMove`, `Conflict`."""
    MACHINE.move(batch, to=state, **columns)
    _record(f"tickets.{state}", batch, by=by, at=at)


def _record(
    action: str, batch: TicketBatch, *, by: Actor, at: datetime, **facts: object
) -> None:
    record(
        action,
        by=by,
        at=at,
        subject=f"tickets:{batch.code}",
        facts={"language": batch.language, **facts},
        chain=batch.session.code,
    )
