"""Requests and what is said in them.

Owns `Request`, `Message`, `ReadMark` and the machine of a request's state. A message
is stored once however often it is sent, and its `seq` has no gaps: both hang on the
locked request. Who may speak is decided at the edges (`helpdesk.access`); nothing
here knows a person (R8, R67, G3).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.kernel import keys
from exams.kernel.errors import BadInput, Conflict, Refusal
from exams.kernel.states import Machine
from exams.models import Attempt, Project, Staff
from helpdesk.domain.words import clean_diagnostics, clean_text
from helpdesk.enums import RequestState, Side, Topic
from helpdesk.events import queue_topic, request_topic
from helpdesk.models import Message, ReadMark, Request
from proctoring.domain.alarms import tell_unread

MACHINE = Machine(
    {
        "open": frozenset({"owned", "resolved"}),
        "owned": frozenset({"open", "resolved"}),
        "resolved": frozenset({"reopened"}),
        "reopened": frozenset({"owned", "resolved"}),
    }
)
MAX_TICKET = 40
MAX_MESSAGES = 2000
PER_MINUTE = 20
SOURCE_REQUESTS, SOURCE_SPAN = 60, timedelta(minutes=15)


class TooManyMessages(Refusal):
    code = "too_many_messages"
    status = 429
    message = _("Too many messages at once. Wait a minute; nothing is lost.")


class TooManyRequests(Refusal):
    code = "too_many_requests"
    status = 429
    message = _("Too many requests from this network. Please call the hotline.")


@dataclass(frozen=True)
class Author:
    """Who speaks: a side, and for staff the person."""

    side: str
    staff: Staff | None = None


CANDIDATE = Author(Side.CANDIDATE)


@dataclass(frozen=True)
class Asker:
    """Who asks: an attempt, or the digest of a browser's secret; and from where."""

    digest: str
    attempt: Attempt | None = None
    address: str = ""
    ticket_number: str = ""


def open_request(
    project: Project,
    *,
    asker: Asker,
    topic: str,
    diagnostics: object,
    at: datetime,
) -> Request:
    """Return the asker's request, made when there is none.

    There is one per attempt, or per browser that is not signed in; what such a
    browser had asked goes over to its attempt. `diagnostics` are bounded facts of
    the browser (`clean_diagnostics`). Raises `BadInput`, `TooManyRequests`.
    """
    if topic not in Topic.values:
        raise BadInput(reason="topic")
    facts = clean_diagnostics(diagnostics)
    with transaction.atomic():
        known = _request_of(project, asker)
        if known:
            Request.objects.filter(pk=known.pk).update(topic=topic, diagnostics=facts)
            return known
    source = keys.lookup_hash(asker.address, purpose="help-source")
    if asker.attempt is None:
        _require_quiet_source(source, at=at)
    try:
        with transaction.atomic():
            return _create(project, asker, source, topic, facts, at=at)
    except IntegrityError:
        # The same browser asked twice at once: there is one request.
        found = _request_of(project, asker)
        if found is None:
            raise
        return found


def post_message(
    request: Request, *, author: Author, client_id: UUID, text: str, at: datetime
) -> Message:
    """Store one message (1..1000 characters) and return it; a repeat returns the same.

    A candidate who writes to a resolved request opens it again; the first of the
    staff who answers a free one takes it. Raises `BadInput`, `TooManyMessages`, and
    `Conflict` when the id was used for another text.
    """
    text = clean_text(text)
    with transaction.atomic():
        row = _locked(request)
        known = Message.objects.filter(request=row, client_id=client_id).first()
        if known:
            if (known.text, known.author) != (text, author.side):
                raise Conflict
            return known
        _require_pace(row, author, at=at)
        _follow(row, author, at=at)
        message = Message.objects.create(
            request=row,
            seq=row.last_seq + 1,
            author=author.side,
            by=author.staff,
            client_id=client_id,
            text=text,
            at=at,
        )
        asked = author.side == Side.CANDIDATE
        Request.objects.filter(pk=row.pk).update(
            last_seq=message.seq,
            last_at=at,
            waiting_since=(row.waiting_since or at) if asked else None,
        )
        said = {
            "seq": message.seq,
            "author": str(author.side),
            "client_id": str(client_id),
        }
        publish(request_topic(row.code), "message.posted", said, at=at)
        news = {"request": row.code}
        publish(queue_topic(row.project.slug), "message.posted", news, at=at)
        _tell_proctors(row, at=at)
    return message


def mark_read(request: Request, *, side: str, upto: int, at: datetime) -> int:
    """Say that a side has seen the messages up to a seq; return how far it has.

    A mark never falls. Raises `BadInput` for a seq that does not exist.
    """
    with transaction.atomic():
        row = _locked(request)
        if type(upto) is not int or not 0 <= upto <= row.last_seq:
            raise BadInput(reason="upto")
        mark, _made = ReadMark.objects.get_or_create(
            request=row, side=side, defaults={"at": at}
        )
        if upto <= mark.upto:
            return mark.upto
        ReadMark.objects.filter(pk=mark.pk).update(upto=upto, at=at)
        seen = {"side": str(side), "upto": upto}
        publish(request_topic(row.code), "message.read", seen, at=at)
        if side == Side.STAFF:
            news = {"request": row.code}
            publish(queue_topic(row.project.slug), "message.read", news, at=at)
            _tell_proctors(row, at=at)
    return upto


def adopt(request: Request, attempt: Attempt) -> None:
    """Hang what was asked before the sign-in on the attempt of the same browser.

    Nothing happens when the request or the attempt has its other half already.
    """
    taken = Request.objects.filter(attempt=attempt)
    if request.attempt_id or taken.exists():
        return
    try:
        with transaction.atomic():
            free = Request.objects.filter(pk=request.pk, attempt__isnull=True)
            free.update(attempt=attempt)
    except IntegrityError:
        # The attempt asked on its own a moment ago; both conversations stay.
        return
    request.refresh_from_db()


def take(request: Request, *, by: Staff, at: datetime) -> Request:
    """Own a free request; raises `IllegalMove` when somebody else does."""
    with transaction.atomic():
        row = _locked(request)
        _move(row, RequestState.OWNED, by=Actor.of_staff(by), at=at, owner=by)
    return row


def hand_over(
    request: Request, *, to: Staff | None, by: Staff, at: datetime
) -> Request:
    """Give an owned request to a colleague, or back to the queue with `to=None`.

    Raises `IllegalMove` when nobody owns it. Whether `to` may answer is asked by the
    caller.
    """
    with transaction.atomic():
        row = _locked(request)
        if to is None:
            _move(row, RequestState.OPEN, by=Actor.of_staff(by), at=at, owner=None)
            return row
        if row.state != RequestState.OWNED:
            raise Conflict
        Request.objects.filter(pk=row.pk).update(owner=to)
        row.owner = to
        _record(row, "request.handed_over", by=Actor.of_staff(by), at=at)
        news = {"request": row.code}
        publish(queue_topic(row.project.slug), "request.moved", news, at=at)
    return row


def resolve(request: Request, *, by: Staff, at: datetime) -> Request:
    """Say that it is solved; the asker may write again, which opens it again."""
    with transaction.atomic():
        row = _locked(request)
        actor = Actor.of_staff(by)
        _move(row, RequestState.RESOLVED, by=actor, at=at, waiting_since=None)
    return row


def reopen(request: Request, *, by: Staff, at: datetime) -> Request:
    """Put a resolved request back into the queue."""
    with transaction.atomic():
        row = _locked(request)
        _move(row, RequestState.REOPENED, by=Actor.of_staff(by), at=at, owner=None)
    return row


def _tell_proctors(row: Request, *, at: datetime) -> None:
    """Pass on how many of the candidate's messages nobody of the staff has read."""
    if row.attempt is None:
        return
    seen = ReadMark.objects.filter(request=row, side=Side.STAFF).first()
    unread = row.messages.filter(
        author=Side.CANDIDATE, seq__gt=seen.upto if seen else 0
    )
    tell_unread(row.attempt, unread=unread.count(), at=at)


def _request_of(project: Project, asker: Asker) -> Request | None:
    if asker.attempt:
        own = Request.objects.filter(attempt=asker.attempt).first()
        if own:
            return own
    if not asker.digest:
        return None
    before = Request.objects.filter(
        project=project, asker_digest=asker.digest, attempt__isnull=True
    ).first()
    if before and asker.attempt:
        adopt(before, asker.attempt)
    return before


def _require_quiet_source(source: str, *, at: datetime) -> None:
    recent = Request.objects.filter(source=source, opened_at__gt=at - SOURCE_SPAN)
    if recent.count() >= SOURCE_REQUESTS:
        raise TooManyRequests


def _create(
    project: Project,
    asker: Asker,
    source: str,
    topic: str,
    facts: dict,
    *,
    at: datetime,
) -> Request:
    row = Request.objects.create(
        project=project,
        attempt=asker.attempt,
        asker_digest=asker.digest,
        source=source,
        ticket_number=clean_text(asker.ticket_number, limit=MAX_TICKET, empty=True),
        topic=topic,
        diagnostics=facts,
        opened_at=at,
        last_at=at,
    )
    _record(row, "request.opened", by=_asking(row), at=at)
    publish(queue_topic(project.slug), "request.opened", {"request": row.code}, at=at)
    return row


def _locked(request: Request) -> Request:
    return (
        Request.objects.select_for_update(of=("self",))
        .select_related("project", "attempt__session")
        .get(pk=request.pk)
    )


def _require_pace(row: Request, author: Author, *, at: datetime) -> None:
    if author.side != Side.CANDIDATE:
        return
    lately = Message.objects.filter(
        request=row, author=Side.CANDIDATE, at__gt=at - timedelta(minutes=1)
    )
    if row.last_seq >= MAX_MESSAGES or lately.count() >= PER_MINUTE:
        raise TooManyMessages


def _follow(row: Request, author: Author, *, at: datetime) -> None:
    """Move the state that a message changes by itself."""
    if author.side == Side.CANDIDATE and row.state == RequestState.RESOLVED:
        _move(row, RequestState.REOPENED, by=_asking(row), at=at, owner=None)
    if author.staff and row.state in RequestState.FREE:
        by = Actor.of_staff(author.staff)
        _move(row, RequestState.OWNED, by=by, at=at, owner=author.staff)


def _asking(row: Request) -> Actor:
    if row.attempt:
        return Actor.of_candidate(row.attempt)
    return Actor("asker", row.code)


def _move(row: Request, to: str, *, by: Actor, at: datetime, **changes: object) -> None:
    old = MACHINE.move(row, to=to, **changes)
    _record(row, f"request.{to}", by=by, at=at)
    moved = {"from": str(old), "to": str(to)}
    publish(request_topic(row.code), "request.moved", moved, at=at)
    news = {"request": row.code}
    publish(queue_topic(row.project.slug), "request.moved", news, at=at)


def _record(row: Request, action: str, *, by: Actor, at: datetime) -> None:
    record(
        action,
        by=by,
        at=at,
        subject=f"request:{row.code}",
        facts={"owner": row.owner_id, "topic": str(row.topic)},
        chain=row.attempt.session.code if row.attempt else "system",
    )
