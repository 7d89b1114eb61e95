"""What the worker runs. Every task may run twice, late, or not at all.

A task takes primitives, fetches its row again, returns quietly when there is nothing
to do, and calls one domain function (design §14).
"""

from candidates.domain import archive, roster_photos
from candidates.models import PhotoBatch, Recording
from exams.kernel import clock
from exams.kernel.errors import Conflict


def archive_recording(recording: str) -> str:
    """Archive one sealed recording, named by its code; return its state after."""
    row = (
        Recording.objects.select_related("attempt__session")
        .filter(code=recording)
        .first()
    )
    if row is None:
        return "gone"
    try:
        archive.archive_recording(row, at=clock.now())
    except Conflict:
        # Another worker has it, or a chunk came meanwhile: the sweep wakes again.
        return "later"
    return row.state


def read_photos(batch: int) -> str:
    """Read the photos of one archive, named by its key; return its state after."""
    row = PhotoBatch.objects.filter(pk=batch).first()
    if row is None:
        return "gone"
    try:
        return roster_photos.read_photos(row, at=clock.now())
    except Conflict:
        # Another worker finished it, or a person discarded it.
        return "later"
