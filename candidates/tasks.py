"""What the worker runs. Every task may run twice, late, or not at all.

A task takes primitives, fetches its row again, returns quietly when there is nothing
to do, and calls one domain function (design §14).
"""

import time

from candidates.domain import (
    archive,
    mail_sending,
    roster_photos,
    ticket_making,
    tickets,
)
from candidates.enums import TicketsState
from candidates.models import Mailing, PhotoBatch, Recording, TicketBatch
from exams.kernel import clock, jobs
from exams.kernel.errors import Conflict

# How long one turn of a long job may keep the worker from others.
TURN_SECONDS = 60


def archive_recording(recording: str) -> str:
    """Archive one sealed recording, named by its code; return its state after."""
    row = (
        Recording.objects.select_related("attempt__session")
        .filter(code=recording)
        .first()
    )
    if row is None:
        return "gone"
    try:
        archive.archive_recording(row, at=clock.now())
    except Conflict:
        # Another worker has it, or a chunk came meanwhile: the sweep wakes again.
        return "later"
    return row.state


def read_photos(batch: int) -> str:
    """Read the photos of one archive, named by its key; return its state after."""
    row = PhotoBatch.objects.filter(pk=batch).first()
    if row is None:
        return "gone"
    try:
        return roster_photos.read_photos(row, at=clock.now())
    except Conflict:
        # Another worker finished it, or a person discarded it.
        return "later"


def make_tickets(batch: str) -> str:
    """Make the admission tickets of one batch, named by its code; return its state.

    Leaves the worker to others after a while, and asks for another turn.
    """
    row = TicketBatch.objects.select_related("session__project").filter(code=batch)
    found = row.first()
    if found is None:
        return "gone"
    until = time.monotonic() + TURN_SECONDS
    try:
        ticket_making.make_tickets(
            found, at=clock.now(), may_go_on=lambda: time.monotonic() < until
        )
    except Conflict:
        return "later"
    if found.state == TicketsState.MAKING:
        jobs.wake(tickets.TICKETS_TASK, batch=batch)
    return found.state


def send_mailing(mailing: str) -> str:
    """Send what waits of one mailing, named by its code; return its state."""
    row = Mailing.objects.select_related("session__project").filter(code=mailing)
    found = row.first()
    if found is None:
        return "gone"
    until = time.monotonic() + TURN_SECONDS
    try:
        mail_sending.send_letters(
            found, now=clock.now, may_go_on=lambda: time.monotonic() < until
        )
    except Conflict:
        return "later"
    return found.state
