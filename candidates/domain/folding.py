"""Ledger rows fold into the manifest file of a verified recording, and come back.

Owns the removal of `Chunk` rows and their return. The table holds what still moves,
so that it stays small (design §6); what is verified is read from its manifest. Rows
and mark change in one transaction with the recording's state, under its lock.
"""

from collections.abc import Collection

from candidates.backends.manifest_file import ManifestUnreadable, Piece, read_pieces
from candidates.domain.ledger_rows import ChunkRow, insert_chunks
from candidates.models import Chunk, Manifest, Recording, Segment
from candidates.queries.archive import newest_manifests
from candidates.queries.ledger import pieces_in_table
from exams.kernel import clock, faults


def fold(recording: Recording, manifest: Manifest) -> None:
    """Remove the recording's ledger rows, which its manifest file has.

    In the caller's transaction, which holds the recording's lock and moves it to
    `verified` and `folded`. Reads the file back: raises `ManifestUnreadable` when it
    does not have every row, and removes nothing then.
    """
    filed = read_pieces(manifest.path, digest=manifest.digest)
    for segment in recording.segments.all():
        if filed.get(str(segment.uuid), ()) != pieces_in_table(segment):
            raise ManifestUnreadable
    Chunk.objects.filter(segment__recording=recording).delete()
    faults.reach("ledger.after_fold")


def unfold(recordings: Collection[int]) -> None:
    """Bring the ledger rows of folded recordings back into the table.

    In the caller's transaction, which holds the recordings' locks and moves them out
    of `verified`. Raises `ManifestUnreadable`.
    """
    for recording, manifest in newest_manifests(recordings).items():
        filed = read_pieces(manifest.path, digest=manifest.digest)
        segments = Segment.objects.filter(recording=recording)
        insert_chunks(
            [
                _row(pk, piece)
                for pk, uuid in segments.values_list("pk", "uuid")
                for piece in filed.get(str(uuid), ())
            ]
        )
    faults.reach("ledger.after_unfold")


def _row(segment: int, piece: Piece) -> ChunkRow:
    values = piece._asdict()
    received_at = clock.from_milliseconds(values.pop("received_ms"))
    return ChunkRow(segment_id=segment, received_at=received_at, **values)
