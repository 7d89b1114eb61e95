"""What the pages of roster photos show: files of an archive, in words."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from candidates.enums import PhotoStatus
from candidates.models import PhotoBatch, PhotoEntry

PAGE_ROWS = 100
SEALED = ("id_number", "phone", "email")
PROBLEMS = {
    "bad_photo": _("is no JPEG or PNG picture of at least 120 × 120 pixels"),
    "photo_too_large": _("is too large: at most 3 MB and 25 million pixels"),
    "photo_damaged": _("cannot be unpacked"),
    "photo_locked": _("has a password"),
}


@dataclass(frozen=True)
class ShownPhoto:
    """One file; `has_photo` when its candidate has another one already."""

    entry: PhotoEntry
    problem: str
    has_photo: bool


@dataclass(frozen=True)
class PhotoPage:
    """One page of files of one status (or of all); `counts` is by status."""

    rows: list[ShownPhoto]
    number: int
    pages: int
    total: int
    counts: dict[str, int]
    replacing: int
    faceless: int
    done: int
    all: int


def photo_page(batch: PhotoBatch, *, status: str = "", number: int = 1) -> PhotoPage:
    """Return page `number` (from 1, clamped) of the files of `status`."""
    counts = dict.fromkeys(PhotoStatus.values, 0) | dict(
        batch.entries.values_list("status").annotate(Count("pk")).order_by()
    )
    everything = sum(counts.values())
    total = counts[status] if status else everything
    pages = max(1, -(-total // PAGE_ROWS))
    number = min(max(1, number), pages)
    entries = batch.entries.select_related("candidate").order_by("position")
    # A list shows neither number, so nothing is decrypted for it.
    entries = entries.defer(*(f"candidate__{name}" for name in SEALED))
    entries = entries.filter(status=status) if status else entries
    chosen = entries[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    return PhotoPage(
        rows=[_shown(entry) for entry in chosen],
        number=number,
        pages=pages,
        total=total,
        counts=counts,
        replacing=batch.counts.get("replacing", 0),
        faceless=batch.counts.get("faces_none", 0) + batch.counts.get("faces_many", 0),
        done=everything - counts[PhotoStatus.WAITING],
        all=everything,
    )


def _shown(entry: PhotoEntry) -> ShownPhoto:
    problem = PROBLEMS.get(entry.problem, "")
    has_photo = bool(entry.candidate and entry.candidate.photo)
    return ShownPhoto(entry, str(problem), has_photo)
