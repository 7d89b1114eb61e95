"""What the archive holds and what waits for a person. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from candidates.enums import RecordingState
from candidates.models import Manifest, Recording
from exams.models import Session


@dataclass(frozen=True)
class ArchiveTotals:
    """How far the archive of one session is; numbers of recordings."""

    open: int
    waiting: int
    verified: int
    needs_review: int


def recordings_due() -> QuerySet[Recording]:
    """Sealed recordings that the archive job has not finished, oldest first."""
    return Recording.objects.filter(
        archive_due=True, state=RecordingState.SEALED
    ).order_by("sealed_at", "pk")


def recordings_to_review(session: Session) -> QuerySet[Recording]:
    """Recordings with named problems that an official must clear, oldest first."""
    return (
        Recording.objects.filter(
            attempt__session=session, state=RecordingState.NEEDS_REVIEW
        )
        .select_related("attempt__session", "manifest")
        .order_by("sealed_at", "pk")
    )


def archive_totals(session: Session) -> ArchiveTotals:
    """Count the session's recordings by how far they are; one query."""
    states = list(
        Recording.objects.filter(attempt__session=session).values_list(
            "state", flat=True
        )
    )
    return ArchiveTotals(
        open=states.count(RecordingState.OPEN),
        waiting=states.count(RecordingState.SEALED),
        verified=states.count(RecordingState.VERIFIED),
        needs_review=states.count(RecordingState.NEEDS_REVIEW),
    )


def archived_at(recording: Recording) -> datetime | None:
    """Return when the manifest was written, None while there is none."""
    return (
        Manifest.objects.filter(recording=recording)
        .values_list("created_at", flat=True)
        .first()
    )
