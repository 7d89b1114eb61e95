"""The hot end of the ledger: many rows in one statement.

Owns the insertion of `Chunk` rows and the recordings' lock that goes with it. On
PostgreSQL both are written as SQL, measured (`tests/bench/bench_chunk.py`): COPY takes
a fifth of the CPU of `bulk_create`. SQLite uses the ORM; it has one process anyway.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from candidates.models import Chunk, Recording


class ChunkRow(NamedTuple):
    """One ledger row, its fields named as the model's columns."""

    segment_id: int
    seq: int
    size: int
    digest: str
    head: str
    offset: int
    start_ms: int
    duration_ms: int
    lease_epoch: int
    received_at: datetime


class LockedRecording(NamedTuple):
    """What of a recording only holds while it is locked."""

    state: str
    folded: bool


# No value needs escaping: numbers, hexadecimal digits and an instant.
LINE = "\t".join(["%s"] * len(ChunkRow._fields)) + "\n"


def insert_chunks(rows: Sequence[ChunkRow]) -> None:
    """Insert the rows in the caller's transaction.

    Raises `IntegrityError` when a number of a segment is there already.
    """
    if connection.vendor != "postgresql":
        Chunk.objects.bulk_create([Chunk(**row._asdict()) for row in rows])
        return
    columns = ", ".join(f'"{name}"' for name in ChunkRow._fields)
    statement = f"COPY {Chunk._meta.db_table} ({columns}) FROM STDIN"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        copy.write("".join([LINE % row for row in rows]))


def lock_recordings(recordings: Collection[int]) -> dict[int, LockedRecording]:
    """Lock the recordings, in order of their keys.

    Sealing and archiving take the same lock, so a chunk is either in the receipt or
    late, and either in the manifest or not. The weaker lock does not wait for foreign
    keys of rows that are being made.
    """
    lock = " FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""
    markers = ",".join(["%s"] * len(recordings))
    statement = (
        f"SELECT id, state, folded FROM {Recording._meta.db_table}"  # noqa: S608 - only markers
        f" WHERE id IN ({markers}) ORDER BY id{lock}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*recordings])
        return {
            pk: LockedRecording(state, bool(folded))
            for pk, state, folded in cursor.fetchall()
        }
