"""What was done to each person of a roster: a row per person and change.

Owns `RosterChange`, in the transaction of the change itself. A row names fields and
never holds a value of before or after (design §13). Whoever an import brought needs no
row: `Candidate.brought_by` says it, and a first import costs nothing here.
"""

from collections.abc import Iterable
from datetime import datetime

from candidates.domain.roster_compare import Known
from candidates.domain.roster_rows import RosterRow
from candidates.enums import RosterChangeKind
from candidates.models import Candidate, PhotoBatch, RosterChange, RosterImport
from exams.domain.audit import Actor
from exams.domain.bulk import insert_rows
from exams.models import Project

COLUMNS = ("candidate_id", "kind", "fields", "sha256")
SOURCE = ("roster_import_id", "photo_batch_id", "actor_kind", "actor_ref", "at")


def note_rows(
    project: Project,
    rows: Iterable[RosterRow],
    known: dict[str, Known],
    *,
    roster_import: RosterImport | None,
    by: Actor,
    at: datetime,
) -> None:
    """Note whom these compared rows changed, and who is no longer in the file.

    `known` as `compare_rows` gave it. Two statements at most.
    """
    gone, changes = [], []
    for row in rows:
        ticket = row.cells["ticket_number"]
        if row.status == "gone":
            gone.append(ticket)
        elif row.status == "changed":
            names = ",".join(row.changes)
            changes.append((known[ticket].pk, RosterChangeKind.CHANGED.value, names))
    if gone:
        left = Candidate.objects.filter(project=project, ticket_number__in=gone)
        kind = RosterChangeKind.GONE.value
        changes += [(pk, kind, "") for pk in left.values_list("pk", flat=True)]
    source = (roster_import.pk if roster_import else None, None)
    _insert([(*change, "") for change in changes], source, by=by, at=at)


def note_photos(
    photos: Iterable[tuple[int, bool, str]],
    *,
    batch: PhotoBatch | None,
    by: Actor,
    at: datetime,
) -> None:
    """Note who got a photo: `(candidate, whether it replaced one, SHA-256)`."""
    kinds = {
        False: RosterChangeKind.PHOTO_SET.value,
        True: RosterChangeKind.PHOTO_REPLACED.value,
    }
    rows = [(pk, kinds[replaced], "photo", sha256) for pk, replaced, sha256 in photos]
    _insert(rows, (None, batch.pk if batch else None), by=by, at=at)


def _insert(
    rows: list[tuple],
    source: tuple[int | None, int | None],
    *,
    by: Actor,
    at: datetime,
) -> None:
    rest = (*source, by.kind, by.ref, at)
    insert_rows(RosterChange, (*COLUMNS, *SOURCE), [(*row, *rest) for row in rows])
