"""Compared rows into the roster: people, rooms, attempts and enrolments.

Writes `Candidate` and `Enrolment`, in the caller's transaction; rooms and attempts are
made by the floor below. Some thousand rows at a time, each kind in one statement
(`exams.domain.bulk`).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from candidates.domain import people
from candidates.domain.roster_compare import CONTACT, PERSON, Known
from candidates.domain.roster_rows import RosterRow
from candidates.models import Candidate, Enrolment
from exams.domain.attempts import create_attempts, place_attempts
from exams.domain.bulk import insert_blocks, insert_rows, reserve_keys, update_rows
from exams.domain.projects import create_rooms
from exams.models import Project, Room, Session

FILLED = (*PERSON, "id_hash", "sign_in_hash", "phone_tail", "contact_hash")
NEW = ("project_id", "origin", "brought_by_id", "ticket_number", *FILLED)
LINK = ("candidate_id", "attempt_id", "session_id")


class RosterWriter:
    """Writes rows into one session; keeps the rooms that it has seen."""

    def __init__(self, session: Session, brought_by: int | None = None) -> None:
        self._session, self._project = session, session.project
        self._brought_by = brought_by
        self._rooms: dict[str, Room | None] = {"": None}

    def write(self, rows: list[RosterRow], known: dict[str, Known]) -> None:
        """Write the rows that are new or changed; `known` as `compare_rows` gave it."""
        moving = [row for row in rows if row.status in {"new", "changed"}]
        self._make_rooms(moving)
        keys = {ticket: person.pk for ticket, person in known.items()}
        keys |= self._insert([row for row in moving if row.status == "new"])
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

    def write_first(
        self, parts: Iterable[list[RosterRow]], *, count: int, rooms: list[str]
    ) -> None:
        """Write the new rows of a whole roster into a project that has nobody.

        They go to the database while the next part is being made, so `parts` must not
        ask it; only where it `streams`. `rooms` are all that the rows name.
        """
        self._rooms |= create_rooms(self._session, names=rooms)
        keys = reserve_keys(Candidate, count)
        places: list[Room | None] = []

        def blocks() -> Iterator[list[Sequence]]:
            for rows in parts:
                start = len(places)
                places.extend(map(self._room, rows))
                yield [keys[start : len(places)], *self._new(rows)]

        insert_blocks(Candidate, (Candidate._meta.pk.attname, *NEW), blocks())
        attempts = create_attempts(self._session, rooms=places)
        session = repeat(self._session.pk)
        links = list(zip(keys, attempts, session, strict=False))
        insert_rows(Enrolment, LINK, links)

    def _insert(self, rows: list[RosterRow]) -> dict[str, int]:
        if not rows:
            return {}
        columns = self._new(rows)
        keys = insert_rows(Candidate, NEW, list(zip(*columns, strict=True)))
        return dict(zip(columns[NEW.index("ticket_number")], keys, strict=True))

    def _new(self, rows: list[RosterRow]) -> list[list]:
        """Return the columns of `NEW`."""
        project, many = self._project, len(rows)
        tickets = [row.cells["ticket_number"] for row in rows]
        cells = [[row.cells.get(name, "") for row in rows] for name in PERSON]
        return [
            *([project.pk] * many, [self._session.origin] * many),
            *([self._brought_by] * many, tickets),
            *_filled(project, tickets, cells),
        ]

    def _update(self, rows: list[RosterRow], known: dict[str, Known]) -> None:
        changed = {
            known[row.cells["ticket_number"]].pk: row
            for row in rows
            if row.changes.keys() & set(PERSON)
        }
        held = Candidate.objects.in_bulk(list(changed))
        tickets = [row.cells["ticket_number"] for row in changed.values()]
        cells = [
            [
                row.cells.get(name, getattr(held[key], name))
                for key, row in changed.items()
            ]
            for name in PERSON
        ]
        values = zip(*_filled(self._project, tickets, cells), strict=True)
        update_rows(Candidate, FILLED, dict(zip(changed, values, strict=True)))


def _filled(project: Project, tickets: list[str], cells: list[list[str]]) -> list[list]:
    """Return the columns of `FILLED`, from those of `PERSON`."""
    person = dict(zip(PERSON, cells, strict=True))
    phones, emails = (person[name] for name in CONTACT)
    made = people.hashes_of(
        project,
        tickets=tickets,
        numbers=person["id_number"],
        phones=phones,
        emails=emails,
    )
    tails = [phone[-4:] for phone in phones]
    return [*cells, made.id_number, made.sign_in, tails, made.contact]


def _attempt(row: RosterRow, known: dict[str, Known]) -> int | None:
    person = known.get(row.cells["ticket_number"])
    return person.attempt if person else None
