"""Projects and sessions: the session's machine, publishing, and the start of scoring.

Owns the state of `Session` and `Document.published_at`. Every move is audited in the
session's chain, in the transaction of the move. Never touches attempts, papers, the
draw or results: their own modules do, and call `advance` here when the session
follows.
"""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.domain.mock_windows import require_formal
from exams.domain.schedule import Schedule
from exams.domain.soundness import contradictions
from exams.domain.stages import problems_of
from exams.enums import AttemptState, SessionKind, SessionState
from exams.kernel.errors import Conflict, Refusal, WindowClosed
from exams.kernel.states import Machine
from exams.models import Attempt, Document, Room, Session

MACHINE = Machine(
    {
        "draft": frozenset({"published", "discarded"}),
        "discarded": frozenset({"draft"}),
        "published": frozenset({"scoring"}),
        "scoring": frozenset({"released"}),
        "released": frozenset({"archived"}),
    }
)


class SessionUnsound(Refusal):
    """The session as a whole does not hold together; `problems` says why."""

    code = "session_unsound"
    message = _("This session cannot be published yet: %(problems)s")


class AlreadyPublished(Refusal):
    """A published text is never changed; a new version is."""

    code = "already_published"
    message = _("This version is already published. Make a new version instead.")


class Discarded(Refusal):
    """A discarded session is brought back before anything else."""

    code = "discarded"
    message = _("This session is discarded. Bring it back first.")


class StillAnswering(Refusal):
    """Somebody has not finished, so scoring cannot begin."""

    code = "still_answering"
    message = _("%(count)s attempts have not ended yet. Scoring cannot start.")


class Frozen(Refusal):
    """Roster, schedule and paper are frozen; only emergency acts may change them."""

    code = "frozen"
    message = _("This session is frozen: its roster, schedule and paper stay as is.")


def advance(
    session: Session, *, to: str, by: Actor, at: datetime, facts: dict | None = None
) -> Session:
    """Move the session to state `to`, with its audit entry and its event.

    Raises `IllegalMove` or `Conflict` and changes nothing then.
    """
    with transaction.atomic():
        old = MACHINE.move(session, to=to)
        record(
            f"session.{to}",
            by=by,
            at=at,
            subject=f"session:{session.code}",
            facts={"from": old, **(facts or {})},
            chain=session.code,
        )
        publish(
            f"session:{session.code}", "session.moved", {"from": old, "to": to}, at=at
        )
    return session


def publish_session(session: Session, *, by: Actor, at: datetime) -> Session:
    """Show a sound draft to its candidates; raises `SessionUnsound`, `IllegalMove`."""
    problems = session_problems(session, at=at)
    if problems:
        raise SessionUnsound(problems=" ".join(str(problem) for problem in problems))
    return advance(session, to=SessionState.PUBLISHED, by=by, at=at)


def discard_session(session: Session, *, by: Actor, at: datetime) -> Session:
    """Take a draft out of use; nothing is deleted. Raises `IllegalMove`."""
    return advance(session, to=SessionState.DISCARDED, by=by, at=at)


def bring_back(session: Session, *, by: Actor, at: datetime) -> Session:
    """Make a discarded session a draft again; raises `IllegalMove`."""
    return advance(session, to=SessionState.DRAFT, by=by, at=at)


def start_scoring(session: Session, *, by: Actor, at: datetime) -> Session:
    """Open the session to its examiners, once nobody can still be answering.

    Raises `WindowClosed` before the end, `StillAnswering` while an attempt is open,
    `NotForMocks` for a mock.
    """
    require_formal(session)
    schedule = Schedule.of(session)
    if at < schedule.ends:
        raise WindowClosed(opens=schedule.ends)
    count = unfinished_attempts(session)
    if count:
        raise StillAnswering(count=count)
    return advance(session, to=SessionState.SCORING, by=by, at=at)


def publish_document(document: Document, *, by: Actor, at: datetime) -> Document:
    """Publish this version; compare-and-set, so it is published exactly once."""
    if document.published_at:
        raise AlreadyPublished
    with transaction.atomic():
        changed = Document.objects.filter(
            pk=document.pk, published_at__isnull=True
        ).update(published_at=at)
        if changed != 1:
            raise Conflict
        record(
            "document.published",
            by=by,
            at=at,
            subject=f"document:{document.pk}",
            facts={"kind": document.kind, "version": document.version},
        )
    document.published_at = at
    return document


def require_unfrozen(session: Session) -> Session:
    """Return the session's row, locked and unfrozen; raises `Frozen`, `Discarded`.

    In the caller's transaction: freezing waits for the lock, so a roster is either
    wholly before the freeze or refused.
    """
    locked = Session.objects.select_for_update().get(pk=session.pk)
    if locked.frozen_at:
        raise Frozen
    if locked.state == SessionState.DISCARDED:
        raise Discarded
    return locked


def create_rooms(session: Session, *, names: list[str]) -> dict[str, Room]:
    """Return `{name: room}` for every name, making the rooms that are missing."""
    held = {room.name: room for room in session.rooms.filter(name__in=names)}
    made = [Room(session=session, name=name) for name in names if name not in held]
    for room in Room.objects.bulk_create(made):
        held[room.name] = room
    return held


def session_problems(session: Session, *, at: datetime) -> list[str]:
    """Return every reason why this session must not be published, as sentences."""
    found = []
    if not _zone_exists(session.time_zone):
        found.append(_("The time zone is unknown."))
    found += [str(one) for one in contradictions(session)]
    if session.kind == SessionKind.MOCK:
        closes = session.mock_closes_at
        if closes and session.starts_at < closes <= at:
            found.append(_("The window of the mock test is over."))
    elif Schedule.of(session).entry_closes <= at:
        found.append(_("Nobody could enter any more."))
    if session.paper_id is None:
        found.append(_("No paper is chosen."))
    elif session.paper.project_id != session.project_id:
        found.append(_("The paper belongs to another project."))
    return found + problems_of(session.stages)


def unfinished_attempts(session: Session) -> int:
    """Return how many attempts have neither ended nor been marked absent."""
    return Attempt.objects.filter(
        session=session,
        state__in=(*AttemptState.BEFORE_ENTRY, AttemptState.ENTERED),
    ).count()


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
