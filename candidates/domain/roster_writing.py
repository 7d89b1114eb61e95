"""Compared rows into the roster: people, rooms, attempts and enrolments.

Writes `Candidate` and `Enrolment`, in the caller's transaction; rooms and attempts are
made by the floor below. Some thousand rows at a time, each kind in one statement
(`exams.domain.bulk`).
"""

from candidates.domain import people
from candidates.domain.roster_compare import CONTACT, PERSON, Known
from candidates.domain.roster_rows import RosterRow
from candidates.models import Candidate, Enrolment
from exams.domain.attempts import create_attempts, place_attempts
from exams.domain.bulk import insert_rows, update_rows
from exams.domain.projects import create_rooms
from exams.models import Project, Room, Session

FILLED = (*PERSON, "id_hash", "sign_in_hash", "phone_tail", "contact_hash")
NEW = ("project_id", "origin", "brought_by_id", "ticket_number", *FILLED)
LINK = ("candidate_id", "attempt_id", "session_id")


class RosterWriter:
    """Writes rows into one session; keeps the rooms that it has seen."""

    def __init__(self, session: Session, brought_by: int | None = None) -> None:
        self._session = session
        self._brought_by = brought_by
        self._rooms: dict[str, Room | None] = {"": None}

    def write(self, rows: list[RosterRow], known: dict[str, Known]) -> None:
        """Write the rows that are new or changed; `known` as `compare_rows` gave it."""
        moving = [row for row in rows if row.status in {"new", "changed"}]
        self._make_rooms(moving)
        keys = {ticket: person.pk for ticket, person in known.items()}
        keys |= self._insert(row for row in moving if row.status == "new")
        self._update(moving, known)
        missing = [row for row in moving if not _attempt(row, known)]
        attempts = create_attempts(
            self._session, rooms=[self._room(row) for row in missing]
        )
        links = [
            (keys[row.cells["ticket_number"]], attempt, self._session.pk)
            for row, attempt in zip(missing, attempts, strict=True)
        ]
        insert_rows(Enrolment, LINK, links)
        place_attempts(
            {
                _attempt(row, known): self._room(row)
                for row in moving
                if "room" in row.changes and "session" not in row.changes
            }
        )

    def _make_rooms(self, rows: list[RosterRow]) -> None:
        names = {row.cells.get("room", "") for row in rows} - self._rooms.keys()
        self._rooms |= create_rooms(self._session, names=sorted(names))

    def _room(self, row: RosterRow) -> Room | None:
        return self._rooms[row.cells.get("room", "")]

    def _insert(self, rows) -> dict[str, int]:
        project, origin = self._session.project, self._session.origin
        values = {}
        for row in rows:
            ticket = row.cells["ticket_number"]
            cells = [row.cells.get(name, "") for name in PERSON]
            values[ticket] = (
                *(project.pk, origin, self._brought_by, ticket),
                *_filled(project, ticket, cells),
            )
        keys = insert_rows(Candidate, NEW, list(values.values()))
        return dict(zip(values, keys, strict=True))

    def _update(self, rows: list[RosterRow], known: dict[str, Known]) -> None:
        changed = {
            known[row.cells["ticket_number"]].pk: row
            for row in rows
            if row.changes.keys() & set(PERSON)
        }
        held = Candidate.objects.in_bulk(list(changed))
        values = {}
        for key, row in changed.items():
            cells = [row.cells.get(name, getattr(held[key], name)) for name in PERSON]
            values[key] = _filled(
                self._session.project, row.cells["ticket_number"], cells
            )
        update_rows(Candidate, FILLED, values)


def _filled(project: Project, ticket: str, cells: list[str]) -> tuple[str, ...]:
    """Return the values of `FILLED`."""
    person = dict(zip(PERSON, cells, strict=True))
    number = person["id_number"]
    return (
        *cells,
        people.id_hash(number),
        people.sign_in_hash(project, ticket, people.id_suffix(number)),
        person["phone"][-4:],
        people.contact_hash(*(person[name] for name in CONTACT)),
    )


def _attempt(row: RosterRow, known: dict[str, Known]) -> int | None:
    person = known.get(row.cells["ticket_number"])
    return person.attempt if person else None
