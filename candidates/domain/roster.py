"""The roster: an uploaded file is staged, looked at, and committed whole or not at all.

Writes `RosterImport` and its parts; people and enrolments are written by
`roster_writing`, rooms and attempts by the floor below. Nothing of a person is written
before the commit, except the staged rows, which are encrypted and deleted when the
import is committed or discarded. Never touches a frozen session (design §4), and never
the draw. Nobody is ever taken off a roster by an import.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from candidates.domain.roster_compare import Known, compare_rows, has_people
from candidates.domain.roster_errors import TooLarge
from candidates.domain.roster_file import Row, read_rows
from candidates.domain.roster_history import note_rows
from candidates.domain.roster_parts import (
    Counts,
    Part,
    batches,
    counts_of,
    total_of,
    unpack,
)
from candidates.domain.roster_rows import FIELDS, RosterRow, Twins, parse_rows
from candidates.domain.roster_staging import Staging, stage_rows
from candidates.domain.roster_writing import RosterWriter
from candidates.enums import ImportState
from candidates.models import Candidate, Enrolment, RosterImport, RosterPart
from exams.domain.audit import Actor, record
from exams.domain.bulk import streams
from exams.domain.mock_windows import require_formal
from exams.domain.projects import Frozen, require_unfrozen
from exams.kernel import faults
from exams.kernel.errors import Conflict, IllegalMove, Refusal
from exams.kernel.states import Machine
from exams.models import Project, Session, Staff

MACHINE = Machine({"preview": frozenset({"committed", "discarded"})})

# Statuses whose rows are made anew when corrections come.
BACK = frozenset({"bad", "gone"})


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


def preview_roster(
    session: Session, *, file: BinaryIO, filename: str, by: Staff, at: datetime
) -> RosterImport:
    """Read, check and compare a roster file, and stage it; no person is written.

    Raises a `RosterUnreadable` for a file that cannot be taken as a whole, `Frozen`
    after the freeze, `NotForMocks` for a mock. Problems of single cells do not raise:
    they are in the rows.
    """
    _require_open(session)
    staging = stage_rows(session, parse_rows(read_rows(_bytes_of(file))))
    with transaction.atomic():
        return _keep(session, staging, filename=filename, by=by, at=at)


def correct_roster(
    roster_import: RosterImport,
    *,
    file: BinaryIO,
    filename: str,
    by: Staff,
    at: datetime,
) -> RosterImport:
    """Put corrected rows in the place of the bad ones; return the new preview.

    The file is the sheet of bad rows, corrected: its rows take their old places by the
    column of original lines, rows without one follow at the end. What was sound stays
    as it was; bad rows that do not come back are left out, and counted. The old
    preview is discarded in the same transaction. Raises what `preview_roster` does,
    and `ImportDecided`.
    """
    session = roster_import.session
    _require_open(session)
    if roster_import.state != ImportState.PREVIEW:
        raise ImportDecided
    rows = read_rows(_bytes_of(file))
    corrected = list(parse_rows(rows, corrections=True))
    sound, bad = set(), set()
    for row in staged_rows(roster_import):
        (bad if row.status == "bad" else sound).add(row.line)
    _give_places(corrected, sound | bad, bad)
    kept = (row for row in staged_rows(roster_import) if row.status not in BACK)
    staging = stage_rows(session, chain(kept, corrected))
    with transaction.atomic():
        discard_roster(roster_import, by=Actor.of_staff(by), at=at)
        left_out = len(bad - {row.line for row in corrected})
        return _keep(
            session, staging, filename=filename, by=by, at=at, left_out=left_out
        )


def commit_roster(roster_import: RosterImport, *, by: Actor, at: datetime) -> Counts:
    """Write the whole staged roster in one transaction; return counts by status.

    Compared again with the present state first. Raises `RosterHasProblems`,
    `RosterStale`, `ImportDecided` or `Frozen`, and then nothing is written.
    """
    with transaction.atomic():
        session = _locked(roster_import.session)
        locked = RosterImport.objects.select_for_update().get(pk=roster_import.pk)
        if locked.state != ImportState.PREVIEW:
            raise ImportDecided
        if locked.counts["bad"]:
            raise RosterHasProblems(count=locked.counts["bad"])
        is_first = not has_people(session)
        if is_first and locked.counts["changed"] + locked.counts["same"]:
            raise RosterStale
        if total_of(locked.parts.values_list("counts", flat=True)) != locked.counts:
            raise RosterStale
        writer = RosterWriter(session, brought_by=locked.pk)
        if is_first and streams():
            _write_first(writer, locked)
        else:
            _write_parts(writer, locked, session, is_first=is_first, by=by, at=at)
        _decide(roster_import, ImportState.COMMITTED, committed_at=at)
        _record("roster.committed", roster_import, by=by, at=at)
        faults.reach("roster.written")
    return roster_import.counts


def discard_roster(roster_import: RosterImport, *, by: Actor, at: datetime) -> None:
    """Forget a staged roster; its rows are deleted, the fact that it was stays."""
    with transaction.atomic():
        _decide(roster_import, ImportState.DISCARDED)
        _record("roster.discarded", roster_import, by=by, at=at)


def record_bad_rows_read(
    roster_import: RosterImport, *, by: Actor, at: datetime
) -> None:
    """Audit that the bad rows, with whole ID and phone numbers, were handed out."""
    with transaction.atomic():
        _record("roster.problems_read", roster_import, by=by, at=at)


def enrol(
    session: Session, people_: Iterable[dict[str, str]], *, by: Actor, at: datetime
) -> Counts:
    """Enrol people given as `{field: text}` (see `FIELDS`), whole or not at all.

    The same checks as for a file; raises `RosterHasProblems`, `Frozen`.
    """
    lines = [
        Row(line, [person.get(name, "") for name in FIELDS])
        for line, person in enumerate(people_, start=2)
    ]
    rows, twins = list(parse_rows([Row(1, list(FIELDS)), *lines])), Twins()
    with transaction.atomic():
        session = _locked(session)
        writer = RosterWriter(session)
        for row in rows:
            twins.look(row)
        compared = [(batch, compare_rows(session, batch)) for batch in batches(rows)]
        counts = counts_of(rows)
        if counts["bad"]:
            raise RosterHasProblems(count=counts["bad"])
        for batch, known in compared:
            _write(writer, batch, known)
            note_rows(session.project, batch, known, roster_import=None, by=by, at=at)
        record(
            "roster.enrolled",
            by=by,
            at=at,
            subject=f"session:{session.code}",
            facts=counts,
            chain=session.code,
        )
    return counts


def staged_rows(roster_import: RosterImport) -> Iterator[RosterRow]:
    """Yield the staged rows; none once the import is decided."""
    for part in _parts(roster_import):
        yield from unpack(part.staged)


def mark_simulated(session: Session) -> int:
    """Mark everybody enrolled in the session as made up; return how many.

    Only the demo calls it, on people that it has just imported.
    """
    people = Enrolment.objects.filter(session=session).values("candidate")
    return Candidate.objects.filter(pk__in=people).update(origin="simulated")


def _require_open(session: Session) -> None:
    require_formal(session)
    if session.frozen_at:
        raise Frozen


def _bytes_of(file: BinaryIO) -> bytes:
    data = file.read(settings.ROSTER_MAX_BYTES + 1)
    if len(data) > settings.ROSTER_MAX_BYTES:
        raise TooLarge(limit=settings.ROSTER_MAX_BYTES // 2**20, unit="MB")
    return data


def _give_places(rows: list[RosterRow], taken: set[int], bad: set[int]) -> None:
    """Give rows the lines of the bad rows that they correct, others new lines."""
    used, end = set(), max(taken, default=1)
    for row in rows:
        if row.line not in bad or row.line in used:
            end += 1
            row.line = end
        used.add(row.line)


def _locked(session: Session) -> Session:
    """Lock the session, then its project's people, for one import at a time."""
    locked = require_unfrozen(session)
    list(
        Project.objects.select_for_update(no_key=True)
        .filter(pk=locked.project_id)
        .values_list("pk")
    )
    return locked


def _still_known(session: Session, rows: list[RosterRow]) -> dict[str, Known]:
    """Compare again, and return who is known; raises when anything came out new."""
    before = [(row.status, row.changes) for row in rows]
    known = compare_rows(session, rows)
    if before != [(row.status, row.changes) for row in rows]:
        raise RosterStale
    return known


def _write_first(writer: RosterWriter, roster_import: RosterImport) -> None:
    # Read before the first row is written: the database is busy with rows then.
    texts = list(
        roster_import.parts.order_by("number").values_list("staged", flat=True)
    )

    def parts() -> Iterator[list[RosterRow]]:
        for number, text in enumerate(texts):
            yield unpack(text)
            faults.reach(f"roster.part_{number}")

    try:
        writer.write_first(
            parts(), count=roster_import.counts["new"], rooms=roster_import.rooms
        )
    except IntegrityError:
        # Somebody got into the project on another way since the comparison.
        raise RosterStale from None


def _write_parts(
    writer: RosterWriter,
    roster_import: RosterImport,
    session: Session,
    *,
    is_first: bool,
    by: Actor,
    at: datetime,
) -> None:
    project = session.project
    for number, part in enumerate(_parts(roster_import)):
        rows = unpack(part.staged)
        known = {} if is_first else _still_known(session, rows)
        _write(writer, rows, known)
        note_rows(project, rows, known, roster_import=roster_import, by=by, at=at)
        faults.reach(f"roster.part_{number}")


def _write(
    writer: RosterWriter, rows: list[RosterRow], known: dict[str, Known]
) -> None:
    try:
        writer.write(rows, known)
    except IntegrityError:
        # Somebody got into the project on another way since the comparison.
        raise RosterStale from None


def _keep(
    session: Session,
    staging: Staging,
    *,
    filename: str,
    by: Staff,
    at: datetime,
    left_out: int = 0,
) -> RosterImport:
    roster_import = RosterImport.objects.create(
        session=session,
        uploaded_by=by,
        filename=filename[-200:],
        counts=total_of(part.counts for part in staging.parts),
        left_out=left_out,
        rooms=staging.rooms,
        created_at=at,
    )
    for number, part in enumerate(staging.parts):
        _keep_part(roster_import, number, part)
    _record("roster.previewed", roster_import, by=Actor.of_staff(by), at=at)
    return roster_import


def _keep_part(roster_import: RosterImport, number: int, part: Part) -> None:
    RosterPart.objects.create(
        roster_import=roster_import,
        number=number,
        counts=part.counts,
        staged=part.text,
    )


def _parts(roster_import: RosterImport) -> Iterator[RosterPart]:
    # One at a time: a server-side cursor would hold them all open at once on SQLite.
    numbers = roster_import.parts.order_by("number").values_list("number", flat=True)
    for number in list(numbers):
        with suppress(RosterPart.DoesNotExist):
            yield roster_import.parts.get(number=number)


def _decide(roster_import: RosterImport, state: str, **columns: object) -> None:
    # Of two who decide at once, one is told that it is decided.
    try:
        MACHINE.move(roster_import, to=state, **columns)
    except (Conflict, IllegalMove):
        raise ImportDecided from None
    RosterPart.objects.filter(roster_import=roster_import).delete()


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
