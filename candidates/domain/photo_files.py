"""Roster photos as files: one put in by hand, and files that nothing names any longer.

Writes `Candidate.photo` and `DiscardedFile`. A file is written before its row names it,
and deleted only after the transaction that took its name away: the discard is a row of
that transaction, so that a crash leaves work for the sweep and never a lost file.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from candidates.domain.photos import clean_photo
from candidates.domain.roster_history import note_photos
from candidates.models import Candidate, DiscardedFile, PhotoBatch, PhotoEntry
from exams.domain.audit import Actor, record
from exams.domain.bulk import insert_rows

# Whoever read the row before opens the file within this.
READ_WITHIN = timedelta(minutes=5)
AT_ONCE = 1000


def set_photo(person: Candidate, *, photo: bytes, by: Actor, at: datetime) -> None:
    """Put the photo that faces are compared with; raises what `clean_photo` does."""
    clean = clean_photo(photo, max_bytes=settings.PHOTO_MAX_BYTES)
    put_clean_photo(person, clean=clean, by=by, at=at)


def put_clean_photo(
    person: Candidate, *, clean: bytes, by: Actor, at: datetime
) -> None:
    """Put a photo that `clean_photo` returned; the one before is discarded."""
    sha256 = hashlib.sha256(clean).hexdigest()
    with transaction.atomic():
        held = Candidate.objects.select_for_update(no_key=True).get(pk=person.pk)
        before = held.photo.name
        held.photo.save("photo", ContentFile(clean), save=False)
        held.save(update_fields=["photo"])
        person.photo = held.photo.name
        note_photos([(held.pk, bool(before), sha256)], batch=None, by=by, at=at)
        if before:
            discard_photos_of_people([before], at=at)
        record(
            "candidate.photo_set",
            by=by,
            at=at,
            subject=f"candidate:{held.pk}",
            facts={"sha256": sha256},
        )


def discard_photos_of_people(names: Collection[str], *, at: datetime) -> None:
    """Let the sweep delete photos that were replaced; readers have time to finish."""
    _keep(names, due_at=at + READ_WITHIN)


def discard_files(names: Collection[str], *, at: datetime) -> None:
    """Delete files that nobody outside the transaction reads, right after it."""
    _keep(names, due_at=at)
    # Robust: what cannot be deleted now is the sweep's.
    transaction.on_commit(partial(_delete, [*names]), robust=True)


def sweep_files(*, at: datetime) -> int:
    """Delete the discarded files that are due, some at a time; return how many."""
    due = DiscardedFile.objects.filter(due_at__lte=at).order_by("due_at")
    return _delete(list(due.values_list("name", flat=True)[:AT_ONCE]))


def _keep(names: Collection[str], *, due_at: datetime) -> None:
    insert_rows(DiscardedFile, ("name", "due_at"), [(name, due_at) for name in names])


def _delete(names: list[str]) -> int:
    """Delete the files that no row names, then what says that they are discarded."""
    named = {
        *Candidate.objects.filter(photo__in=names).values_list("photo", flat=True),
        *PhotoEntry.objects.filter(photo__in=names).values_list("photo", flat=True),
        *PhotoBatch.objects.filter(archive__in=names).values_list("archive", flat=True),
    }
    gone = [name for name in names if name not in named]
    for name in gone:
        default_storage.delete(name)
    DiscardedFile.objects.filter(name__in=names).delete()
    return len(gone)
