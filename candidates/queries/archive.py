"""What the archive holds and what waits for a person. Reads only."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from candidates.enums import RecordingState
from candidates.models import Manifest, Recording
from exams.models import Session

PROBLEMS = {
    "missing": _("Chunks never came"),
    "bytes_gone": _("Stored bytes are gone"),
    "hash_mismatch": _("Stored bytes were changed"),
    "chain_break": _("Chunks do not fit the chain"),
    "undecodable": _("The film cannot be played"),
    "empty": _("Nothing was recorded"),
}


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
        .select_related("attempt__session")
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
    """Return when the newest manifest was written, None while there is none."""
    return (
        Manifest.objects.filter(recording=recording)
        .order_by("-version")
        .values_list("created_at", flat=True)
        .first()
    )


def newest_manifest(recording: Recording) -> Manifest | None:
    """Return the version that counts, None before the first archive."""
    return recording.manifests.order_by("-version").first()


def newest_manifests(recordings: Collection[int]) -> dict[int, Manifest]:
    """Return the version that counts of each recording that has one; one query."""
    rows = Manifest.objects.filter(recording__in=recordings).order_by("version")
    return {row.recording_id: row for row in rows}


def problem_lines(recording: Recording) -> Iterator[str]:
    """Yield what is wrong, a line per problem: words, segment, numbers of chunks."""
    manifest = newest_manifest(recording)
    for problem in manifest.body["problems"] if manifest else ():
        ranges = ", ".join(f"{first}–{last}" for first, last in problem["ranges"])
        place = " ".join(filter(None, (problem["segment"], ranges)))
        words = str(PROBLEMS[problem["kind"]])
        yield f"{words}: {place}" if place else words
