"""Admission tickets, asked for and made without a worker."""

import io
from datetime import datetime

from django.conf import settings
from pypdf import PdfReader

from candidates.domain.ticket_making import make_tickets
from candidates.domain.tickets import publish_tickets, request_tickets
from candidates.models import Enrolment, Ticket, TicketBatch
from exams.domain.audit import Actor
from exams.models import Session
from tests.builders.candidates import make_candidate, make_enrolment
from tests.builders.exams import before_start, make_attempt, make_staff

ENTRY = "https://exam.example.org/p/here/"
BY = Actor("system", "test")
AT = before_start(86_400)


def make_person(session: Session, **columns: object) -> Enrolment:
    """Somebody on the roster of the session; `room` is where they sit."""
    attempt = make_attempt(session, room=columns.pop("room", None))
    return make_enrolment(make_candidate(session.project, **columns), attempt)


def make_batch(session: Session, **how: object) -> TicketBatch:
    """Tickets that are asked for; no worker has them yet."""
    how.setdefault("language", "zh-hans")
    how.setdefault("at", AT)
    how.setdefault("by", make_staff())
    return request_tickets(session, entry_url=ENTRY, **how)


def make_ready_tickets(session: Session, **how: object) -> TicketBatch:
    return make_tickets(make_batch(session, **how), at=how.get("at", AT))


def make_published_tickets(session: Session, at: datetime = AT) -> TicketBatch:
    return publish_tickets(make_ready_tickets(session, at=at), by=BY, at=at)


def text_of(ticket: Ticket) -> str:
    """Return the words of a file, as a reader would find or copy them."""
    ticket.refresh_from_db()
    return text_in((settings.TICKETS_ROOT / ticket.path).read_bytes())


def text_in(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(page.extract_text() for page in pages)
