"""A roster beside what the database holds: new, changed, same, taken, gone.

Reads people, enrolments and rooms, some thousand rows at a time; writes nothing.
Numbers are compared by their keyed hashes; only what differs is opened, so that the
preview can show the old value (design §13).
"""

from collections.abc import Iterator
from typing import NamedTuple

from candidates.domain import people
from candidates.domain.roster_rows import RosterRow, add_problem
from candidates.models import Candidate, Enrolment
from exams.models import Session

PERSON = ("name", "id_number", "phone", "email", "post")
CONTACT = ("phone", "email")
GONE_FIELDS = ("ticket_number", "name", "post", "room")


class Known(NamedTuple):
    """One person of the project; `attempt` is this session's, None without one."""

    pk: int
    name: str
    id_hash: str
    contact_hash: str
    post: str
    attempt: int | None
    room: str


def compare_rows(session: Session, rows: list[RosterRow]) -> dict[str, Known]:
    """Set status, changes and problems of each row against the present roster.

    Returns who of them is known, by ticket number.
    """
    sound = [row for row in rows if row.status not in {"bad", "gone"}]
    known = _known(session, [row.cells["ticket_number"] for row in sound])
    hashes = [people.id_hash(row.cells["id_number"]) for row in sound]
    owners = dict(
        Candidate.objects.filter(
            project=session.project_id, id_hash__in=hashes
        ).values_list("id_hash", "ticket_number")
    )
    unlike = {}
    for row, number in zip(sound, hashes, strict=True):
        ticket = row.cells["ticket_number"]
        row.status, row.changes = "new", {}
        if owners.get(number, ticket) != ticket:
            add_problem(row, field="id_number", code="id_taken", ticket=owners[number])
        elif (person := known.get(ticket)) and _differs(row, number, person):
            unlike[ticket] = person.pk
    opened = Candidate.objects.in_bulk(list(unlike.values()))
    for row in sound:
        person = known.get(row.cells["ticket_number"])
        if person and row.status != "bad":
            row.changes = _changes(session, row, person, opened.get(person.pk))
            row.status = "changed" if row.changes else "same"
    return known


def has_people(session: Session) -> bool:
    """Return whether there is anybody in the project to compare with."""
    return Candidate.objects.filter(project=session.project_id).exists()


def gone_rows(session: Session, *, tickets: dict[str, int]) -> Iterator[RosterRow]:
    """Yield who is enrolled in the session and not in the file, as rows of line 0.

    An import never takes anybody away; a person decides about each of them.
    """
    enrolled = Enrolment.objects.filter(session=session, mock_day=None)
    names = ("ticket_number", "name", "post")
    rows = enrolled.order_by("candidate__ticket_number").values_list(
        *(f"candidate__{name}" for name in names), "attempt__room__name"
    )
    for ticket, name, post, room in rows.iterator(chunk_size=2000):
        if ticket not in tickets:
            cells = dict(
                zip(GONE_FIELDS, (ticket, name, post, room or ""), strict=True)
            )
            yield RosterRow(0, cells, status="gone")


def _known(session: Session, tickets: list[str]) -> dict[str, Known]:
    rows = Candidate.objects.filter(
        project=session.project_id, ticket_number__in=tickets
    ).values_list("ticket_number", "pk", "name", "id_hash", "contact_hash", "post")
    found = {ticket: rest for ticket, *rest in rows}
    attempts = {
        candidate: (attempt, room or "")
        for candidate, attempt, room in Enrolment.objects.filter(
            session=session,
            mock_day=None,
            candidate__in=[pk for pk, *_rest in found.values()],
        ).values_list("candidate_id", "attempt_id", "attempt__room__name")
    }
    return {
        ticket: Known(*rest, *attempts.get(rest[0], (None, "")))
        for ticket, rest in found.items()
    }


def _differs(row: RosterRow, number: str, person: Known) -> bool:
    if number != person.id_hash:
        return True
    # Without a column the other half is taken for empty; when that is wrong, the
    # person is opened for nothing, and found to be the same.
    phone, email = (row.cells.get(name, "") for name in CONTACT)
    if not any(name in row.cells for name in CONTACT):
        return False
    return people.contact_hash(phone, email) != person.contact_hash


def _changes(
    session: Session, row: RosterRow, person: Known, opened: Candidate | None
) -> dict[str, list[str]]:
    changes = {}
    for name in PERSON:
        old = getattr(opened or person, name, None)
        if name in row.cells and old is not None and old != row.cells[name]:
            changes[name] = [old, row.cells[name]]
    if person.attempt is None:
        changes["session"] = ["", session.title]
    if row.cells.get("room", person.room) != person.room:
        changes["room"] = [person.room, row.cells["room"]]
    return changes
