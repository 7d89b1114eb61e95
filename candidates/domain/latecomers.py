"""Somebody who is added to a frozen session: one asks, a second person agrees.

Owns `Latecomer`. The person is compared with the roster like the row of a file, and
again before it is enrolled. The number comes behind the frozen roster, N+1 and on, and
the transcript lists it apart; nobody's windows move (design §4, R20).
"""

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from candidates.domain.conflicts import match_project
from candidates.domain.roster_compare import Known, compare_rows
from candidates.domain.roster_file import Row
from candidates.domain.roster_rows import (
    FIELDS,
    REQUIRED,
    Problem,
    RosterRow,
    parse_rows,
)
from candidates.domain.roster_writing import RosterWriter
from candidates.models import Enrolment, Latecomer
from exams.domain import approvals
from exams.domain.audit import Actor, record
from exams.domain.draw import add_late
from exams.domain.emergencies import AlreadyDone, NotPossible, lock_frozen
from exams.domain.rooms import require_place
from exams.domain.schedule import Schedule
from exams.enums import ApprovalAction
from exams.kernel import canonical, keys
from exams.kernel.errors import Conflict, Refusal
from exams.models import Session, Staff

# What another session of the project may leave to be done: nothing of the person.
ENROLS = frozenset({"session", "room"})


class PersonUnsound(Refusal):
    """The row would not be taken from a file either; `problems` name each cell."""

    code = "person_unsound"
    status = 422
    message = _("Some of what was typed cannot be taken. Nothing was changed.")

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


def check_latecomer(
    session: Session, *, person: Mapping[str, str], at: datetime
) -> None:
    """Raise what `propose_latecomer` would refuse this person with; write nothing."""
    with transaction.atomic():
        _fitting(lock_frozen(session), _typed(person), at=at)


def propose_latecomer(
    session: Session,
    *,
    person: Mapping[str, str],
    reason: str,
    by: Staff,
    at: datetime,
) -> Latecomer:
    """Ask for one person, `{field: text}` (see `FIELDS`); nothing is enrolled yet.

    Raises `PersonUnsound`, `NotFrozen`, `NotPossible` when entry has closed, when they
    are on the roster, or when their ticket number is somebody else's, `RoomFull`,
    `ReasonMissing` and `NotAllowed`.
    """
    typed = _typed(person)
    with transaction.atomic():
        locked = lock_frozen(session)
        row, _known = _fitting(locked, typed, at=at)
        approval = approvals.request_approval(
            ApprovalAction.EMERGENCY,
            session=locked,
            subject=f"session:{locked.code}",
            payload=_payload(typed),
            reason=reason,
            by=by,
            at=at,
        )
        return Latecomer.objects.create(
            session=locked,
            ticket_number=row.cells["ticket_number"],
            person=json.dumps(typed, ensure_ascii=False),
            approval=approval,
        )


def agree_latecomer(latecomer: Latecomer, *, by: Staff, at: datetime) -> Latecomer:
    """Give the second person's yes and enrol, both or neither.

    Raises `SamePerson`, `ApprovalExpired`, `AlreadyDone`, and whatever
    `propose_latecomer` refuses with by now.
    """
    with transaction.atomic():
        session = lock_frozen(latecomer.session)
        stored = Latecomer.objects.select_related("approval__session").get(
            pk=latecomer.pk
        )
        if stored.done_at:
            raise AlreadyDone
        typed = json.loads(stored.person)
        row, known = _fitting(session, typed, at=at)
        approvals.approve(stored.approval, payload=_payload(typed), by=by, at=at)
        RosterWriter(session).write([row], known)
        enrolment = Enrolment.objects.select_related("attempt").get(
            session=session, candidate__ticket_number=stored.ticket_number
        )
        actor = Actor.of_staff(by)
        number = add_late(enrolment.attempt, by=actor, at=at).number
        match_project(session.project, at=at)
        changed = Latecomer.objects.filter(pk=stored.pk, done_at=None).update(
            done_at=at, attempt=enrolment.attempt, person=""
        )
        if changed != 1:
            raise Conflict
        record(
            "roster.latecomer_enrolled",
            by=actor,
            at=at,
            subject=f"attempt:{enrolment.attempt.code}",
            facts={"approval": stored.approval.code, "number": number},
            chain=session.code,
        )
    latecomer.refresh_from_db()
    return latecomer


def _typed(person: Mapping[str, str]) -> dict[str, str]:
    return {name: person.get(name, "") for name in FIELDS}


def _fitting(
    session: Session, typed: dict[str, str], *, at: datetime
) -> tuple[RosterRow, dict[str, Known]]:
    """Return the compared row, fit to be written, and who is known."""
    if at >= Schedule.of(session).entry_closes:
        raise NotPossible(why=_("entry has closed."))
    # What is left empty says nothing about somebody who is known.
    names = [name for name in FIELDS if typed[name] or name in REQUIRED]
    (row,) = parse_rows([Row(1, names), Row(2, [typed[name] for name in names])])
    known = compare_rows(session, [row])
    if row.problems:
        raise PersonUnsound(row.problems)
    if row.status != "new" and "session" not in row.changes:
        raise NotPossible(why=_("this person is on its roster already."))
    if row.changes.keys() - ENROLS:
        raise NotPossible(
            why=_("this ticket number is on the project's roster with other data.")
        )
    _require_room(session, row.cells.get("room", ""))
    return row, known


def _require_room(session: Session, name: str) -> None:
    if not name:
        if session.rooms.exists():
            raise NotPossible(why=_("choose the room of this person."))
        return
    room = session.rooms.select_related("session").filter(name=name).first()
    if room is None:
        raise NotPossible(why=_("it has no room of this name."))
    require_place(room)


def _payload(typed: dict[str, str]) -> dict:
    # Keyed: whoever reads a plain digest could try out every ID number.
    text = canonical.encode(typed).decode()
    return {"kind": "latecomer", "person": keys.lookup_hash(text, purpose="latecomer")}
