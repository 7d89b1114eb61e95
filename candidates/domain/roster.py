"""The roster: an uploaded file is staged, looked at, and committed whole or not at all.

Writes `RosterImport`, `Candidate` and `Enrolment`; rooms and attempts are made by the
floor below. Nothing of a person is written before the commit, except the staged rows,
which are encrypted and wiped when the import is committed or discarded. Never touches
a frozen session (design §4), and never the draw.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from candidates.domain import people
from candidates.domain.photos import clean_photo
from candidates.domain.roster_file import Row, TooLarge, read_rows
from candidates.domain.roster_rows import FIELDS, RosterRow, add_problem, parse_rows
from candidates.enums import ImportState
from candidates.models import Candidate, Enrolment, RosterImport
from exams.domain.attempts import create_attempts, place_attempts
from exams.domain.audit import Actor, record
from exams.domain.mock_windows import require_formal
from exams.domain.projects import Frozen, create_rooms, require_unfrozen
from exams.kernel.errors import Conflict, IllegalMove, Refusal
from exams.kernel.states import Machine
from exams.models import Attempt, Session, Staff

STATUSES = ("new", "changed", "same", "bad")
BATCH = 500
PERSON = ("name", "id_number", "phone", "email", "post")

MACHINE = Machine({"preview": frozenset({"committed", "discarded"})})


class RosterHasProblems(Refusal):
    """Bad rows are corrected in the file first; nothing was imported."""

    code = "roster_has_problems"
    message = _("%(count)s rows have problems. Nothing was imported.")


class RosterStale(Refusal):
    """The roster in the database is no longer the one that the preview compared."""

    code = "roster_stale"
    message = _(
        "The roster changed since this preview was made. Nothing was imported; "
        "upload the file again."
    )


class ImportDecided(Conflict):
    """This import was committed or discarded before."""

    code = "roster_import_decided"
    message = _("This import was already committed or discarded.")


@dataclass(frozen=True)
class _Known:
    """What the database holds now, as the comparison needs it."""

    people: dict[str, Candidate]  # by ticket number
    tickets: dict[str, str]  # ticket number by ID hash
    attempts: dict[int, Attempt]  # this session's, by candidate key


def preview_roster(
    session: Session, *, file: BinaryIO, filename: str, by: Staff, at: datetime
) -> RosterImport:
    """Read, check and compare a roster file, and stage it; no person is written.

    Raises a `RosterUnreadable` for a file that cannot be taken as a whole, `Frozen`
    after the freeze, `NotForMocks` for a mock. Problems of single cells do not raise:
    they are in the rows.
    """
    require_formal(session)
    if session.frozen_at:
        raise Frozen
    data = file.read(settings.ROSTER_MAX_BYTES + 1)
    if len(data) > settings.ROSTER_MAX_BYTES:
        raise TooLarge(limit=settings.ROSTER_MAX_BYTES // 2**20, unit="MB")
    rows = parse_rows(read_rows(data))
    compare_rows(session, rows)
    staged = json.dumps([row.as_json() for row in rows], ensure_ascii=False)
    counts = counts_of(rows)
    with transaction.atomic():
        roster_import = RosterImport.objects.create(
            session=session,
            uploaded_by=by,
            filename=filename[-200:],
            staged=staged,
            counts=counts,
            created_at=at,
        )
        _record("roster.previewed", roster_import, by=Actor.of_staff(by), at=at)
    return roster_import


def commit_roster(
    roster_import: RosterImport, *, by: Actor, at: datetime
) -> dict[str, int]:
    """Write the whole staged roster in one transaction; return counts by status.

    Compared again with the present state first. Raises `RosterHasProblems`,
    `RosterStale`, `ImportDecided` or `Frozen`, and then nothing is written.
    """
    with transaction.atomic():
        session = require_unfrozen(roster_import.session)
        locked = RosterImport.objects.select_for_update().get(pk=roster_import.pk)
        if locked.state != ImportState.PREVIEW:
            raise ImportDecided
        rows = staged_rows(locked)
        bad = sum(row.status == "bad" for row in rows)
        if bad:
            raise RosterHasProblems(count=bad)
        known = _known(session)
        _refuse_stale(session, rows, known)
        _write(session, rows, known)
        _decide(roster_import, ImportState.COMMITTED, committed_at=at)
        _record("roster.committed", roster_import, by=by, at=at)
    return roster_import.counts


def discard_roster(roster_import: RosterImport, *, by: Actor, at: datetime) -> None:
    """Forget a staged roster; its rows are wiped, the fact that it was stays."""
    with transaction.atomic():
        _decide(roster_import, ImportState.DISCARDED)
        _record("roster.discarded", roster_import, by=by, at=at)


def enrol(
    session: Session, people_: Iterable[dict[str, str]], *, by: Actor, at: datetime
) -> dict[str, int]:
    """Enrol people given as `{field: text}` (see `FIELDS`), whole or not at all.

    The same checks as for a file; raises `RosterHasProblems`, `Frozen`.
    """
    lines = [
        Row(line=line, cells=[person.get(name, "") for name in FIELDS])
        for line, person in enumerate(people_, start=2)
    ]
    rows = parse_rows([Row(line=1, cells=list(FIELDS)), *lines])
    with transaction.atomic():
        session = require_unfrozen(session)
        known = _known(session)
        _compare(session, rows, known)
        counts = counts_of(rows)
        if counts["bad"]:
            raise RosterHasProblems(count=counts["bad"])
        _write(session, rows, known)
        record(
            "roster.enrolled",
            by=by,
            at=at,
            subject=f"session:{session.code}",
            facts=counts,
            chain=session.code,
        )
    return counts


def staged_rows(roster_import: RosterImport) -> list[RosterRow]:
    """Return the staged rows; none once the import is decided."""
    raw = json.loads(roster_import.staged or "[]")
    return [RosterRow.from_json(row) for row in raw]


def compare_rows(session: Session, rows: list[RosterRow]) -> None:
    """Set status, changes and problems of each row against the present roster."""
    _compare(session, rows, _known(session))


def counts_of(rows: list[RosterRow]) -> dict[str, int]:
    """Return how many rows have each status, zeros included."""
    found = Counter(row.status for row in rows)
    return {status: found[status] for status in STATUSES}


def _known(session: Session) -> _Known:
    project = Candidate.objects.filter(project=session.project_id)
    enrolments = Enrolment.objects.filter(session=session).select_related(
        "attempt__room"
    )
    held = {person.ticket_number: person for person in project}
    return _Known(
        people=held,
        tickets={person.id_hash: ticket for ticket, person in held.items()},
        attempts={row.candidate_id: row.attempt for row in enrolments},
    )


def _compare(session: Session, rows: list[RosterRow], known: _Known) -> None:
    for row in rows:
        if row.status == "bad":
            continue
        ticket = row.cells["ticket_number"]
        owner = known.tickets.get(people.id_hash(row.cells["id_number"]))
        if owner and owner != ticket:
            add_problem(row, field="id_number", code="id_taken", ticket=owner)
            continue
        person = known.people.get(ticket)
        if person is None:
            row.status, row.changes = "new", {}
            continue
        row.changes = _changes(session, row, person, known.attempts.get(person.pk))
        row.status = "changed" if row.changes else "same"


def _changes(
    session: Session, row: RosterRow, person: Candidate, attempt: Attempt | None
) -> dict[str, list[str]]:
    changes = {
        name: [getattr(person, name), row.cells[name]]
        for name in PERSON
        if name in row.cells and getattr(person, name) != row.cells[name]
    }
    if attempt is None:
        changes["session"] = ["", session.title]
    room = attempt.room.name if attempt and attempt.room else ""
    if row.cells.get("room", room) != room:
        changes["room"] = [room, row.cells["room"]]
    return changes


def _refuse_stale(session: Session, rows: list[RosterRow], known: _Known) -> None:
    fresh = deepcopy(rows)
    _compare(session, fresh, known)
    if fresh != rows:
        raise RosterStale


def _write(session: Session, rows: list[RosterRow], known: _Known) -> None:
    moving = [row for row in rows if row.status in {"new", "changed"}]
    rooms = create_rooms(
        session, names=sorted({row.cells.get("room", "") for row in moving} - {""})
    )
    new = [_filled(Candidate(), row, session) for row in moving if row.status == "new"]
    Candidate.objects.bulk_create(new, batch_size=BATCH)
    known.people.update({person.ticket_number: person for person in new})
    _update_people(session, moving, known)
    missing = [row for row in moving if not _attempt(row, known)]
    attempts = create_attempts(
        session, rooms=[rooms.get(row.cells.get("room", "")) for row in missing]
    )
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                candidate=known.people[row.cells["ticket_number"]],
                attempt=attempt,
                session=session,
            )
            for row, attempt in zip(missing, attempts, strict=True)
        ],
        batch_size=BATCH,
    )
    placed = [
        (_attempt(row, known), rooms.get(row.cells["room"]))
        for row in moving
        if "room" in row.changes and "session" not in row.changes
    ]
    place_attempts(placed)


def _update_people(session: Session, rows: list[RosterRow], known: _Known) -> None:
    changed = [
        _filled(known.people[row.cells["ticket_number"]], row, session)
        for row in rows
        if row.changes.keys() & set(PERSON)
    ]
    columns = [*PERSON, "id_hash", "sign_in_hash", "phone_tail"]
    Candidate.objects.bulk_update(changed, columns, batch_size=BATCH)


def _filled(person: Candidate, row: RosterRow, session: Session) -> Candidate:
    if person.pk is None:
        person.project = session.project
        person.origin = session.origin
        person.ticket_number = row.cells["ticket_number"]
    for name in PERSON:
        if name in row.cells:
            setattr(person, name, row.cells[name])
    person.id_hash = people.id_hash(person.id_number)
    person.sign_in_hash = people.sign_in_hash(
        session.project, person.ticket_number, people.id_suffix(person.id_number)
    )
    person.phone_tail = person.phone[-4:]
    return person


def _attempt(row: RosterRow, known: _Known) -> Attempt | None:
    return known.attempts.get(known.people[row.cells["ticket_number"]].pk)


def set_photo(person: Candidate, *, photo: bytes, by: Actor, at: datetime) -> None:
    """Put the photo that a check-in is compared with; raises what `clean_photo` does.

    The file is written before the row names it, so a row never points at nothing.
    """
    clean = clean_photo(photo, max_bytes=settings.PHOTO_MAX_BYTES)
    with transaction.atomic():
        person.photo.save("photo", ContentFile(clean), save=False)
        person.save(update_fields=["photo"])
        record(
            "candidate.photo_set",
            by=by,
            at=at,
            subject=f"candidate:{person.pk}",
            facts={"sha256": hashlib.sha256(clean).hexdigest()},
        )


def mark_simulated(session: Session) -> int:
    """Mark everybody enrolled in the session as made up; return how many.

    Only the demo calls it, on people that it has just imported.
    """
    people = Enrolment.objects.filter(session=session).values("candidate")
    return Candidate.objects.filter(pk__in=people).update(origin="simulated")


def _decide(roster_import: RosterImport, state: str, **columns: object) -> None:
    # Of two who decide at once, one is told that it is decided.
    try:
        MACHINE.move(roster_import, to=state, staged="", **columns)
    except (Conflict, IllegalMove):
        raise ImportDecided from None


def _record(
    action: str, roster_import: RosterImport, *, by: Actor, at: datetime
) -> None:
    record(
        action,
        by=by,
        at=at,
        subject=f"roster:{roster_import.pk}",
        facts=roster_import.counts,
        chain=roster_import.session.code,
    )
