"""Roster photos, many at once: an archive is read, looked at, committed or discarded.

Writes `PhotoBatch`, `PhotoEntry` and `Candidate.photo`. Reading is a job that goes on
where it stopped; nobody's photo changes before the commit, and then all do or none. A
photo that is there already is replaced only when the person who commits says so; its
file goes afterwards (`photo_files`).
"""

import hashlib
import time
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from candidates.backends import faces
from candidates.domain.photo_archive import list_photos, read_photo
from candidates.domain.photo_files import discard_files, discard_photos_of_people
from candidates.domain.photos import clean_photo
from candidates.domain.roster_history import note_photos
from candidates.enums import Faces, PhotoBatchState, PhotoStatus
from candidates.models import Candidate, PhotoBatch, PhotoEntry
from exams.domain.audit import Actor, record
from exams.domain.bulk import update_rows
from exams.kernel import faults, jobs
from exams.kernel.errors import Conflict, IllegalMove, Refusal
from exams.kernel.states import Machine
from exams.models import Project, Staff

MACHINE = Machine(
    {
        "reading": frozenset({"preview", "discarded"}),
        "preview": frozenset({"committed", "discarded"}),
    }
)
READ_TASK = "candidates.tasks.read_photos"
SPELL_SECONDS = 60  # of one run of the job, far below its timeout
FORGOTTEN_AFTER = timedelta(seconds=150)
LOOKUP = 1000


class PhotosDecided(Conflict):
    """These photos were committed or discarded before, or are still being read."""

    code = "photos_decided"
    message = _("These photos are still being read, or were already decided about.")


class NoPhotos(Refusal):
    """Not one file of the archive would become a photo."""

    code = "photos_none"
    message = _("No photo of this archive would be used. Nothing was changed.")


def receive_photos(
    project: Project, *, file: BinaryIO, filename: str, by: Staff, at: datetime
) -> PhotoBatch:
    """Check the archive by its directory, keep it and wake the job that reads it.

    Raises a `PhotosUnreadable`, and then nothing is kept.
    """
    places = list_photos(file)
    known = _known(project, [place.ticket for place in places])
    times = Counter(place.ticket for place in places if place.ticket in known)
    with transaction.atomic():
        batch = PhotoBatch(
            project=project,
            uploaded_by=by,
            filename=filename[-200:],
            created_at=at,
            touched_at=at,
        )
        file.seek(0)
        batch.archive.save("archive", File(file), save=False)
        batch.save(force_insert=True)
        PhotoEntry.objects.bulk_create(
            [
                PhotoEntry(
                    batch=batch,
                    position=place.position,
                    name=place.name,
                    candidate_id=known.get(place.ticket),
                    status=_first_status(times[place.ticket]),
                )
                for place in places
            ],
            batch_size=500,
        )
        _record("roster.photos_received", batch, by=Actor.of_staff(by), at=at)
        jobs.wake(READ_TASK, batch=batch.pk)
    return batch


def read_photos(batch: PhotoBatch, *, at: datetime) -> str:
    """Read what is not read yet, for a spell; return the state after it.

    May run twice and beside itself: of two, one keeps its copy of a photo.
    """
    if batch.state != PhotoBatchState.READING:
        return batch.state
    ends = time.monotonic() + SPELL_SECONDS
    waiting = batch.entries.filter(status=PhotoStatus.WAITING).order_by("position")
    with batch.archive.open() as file, zipfile.ZipFile(file) as archive:
        for entry in waiting.iterator(chunk_size=200):
            _read(entry, archive)
            faults.reach("photos.read")
            if time.monotonic() > ends:
                break
    with transaction.atomic():
        if waiting.exists():
            PhotoBatch.objects.filter(pk=batch.pk).update(touched_at=at)
            jobs.wake(READ_TASK, batch=batch.pk)
            return batch.state
        MACHINE.move(batch, to=PhotoBatchState.PREVIEW, counts=_counts(batch))
    return batch.state


def commit_photos(
    batch: PhotoBatch, *, replace: bool, by: Actor, at: datetime
) -> dict[str, int]:
    """Give every ready photo to its candidate; return `{set, replaced, kept}`.

    Without `replace` whoever has a photo keeps it. Raises `PhotosDecided`, `NoPhotos`,
    and then nothing is changed.
    """
    if batch.state != PhotoBatchState.PREVIEW:
        raise PhotosDecided
    with transaction.atomic():
        ready = batch.entries.filter(status=PhotoStatus.READY, candidate__isnull=False)
        people = Candidate.objects.filter(pk__in=ready.values("candidate"))
        held = dict(
            people.select_for_update(no_key=True)
            .order_by("pk")
            .values_list("pk", "photo")
        )
        given, notes = {}, []
        facts = {"set": 0, "replaced": 0, "kept": 0}
        digest = hashlib.sha256()
        for entry in ready.order_by("position"):
            kind = "set"
            if held[entry.candidate_id]:
                kind = "replaced" if replace else "kept"
            facts[kind] += 1
            if kind != "kept":
                given[entry.candidate_id] = (entry.photo.name,)
                notes.append((entry.candidate_id, kind == "replaced", entry.sha256))
                digest.update(f"{entry.candidate_id} {entry.sha256}\n".encode())
        if not given:
            raise NoPhotos
        update_rows(Candidate, ("photo",), given)
        note_photos(notes, batch=batch, by=by, at=at)
        discard_photos_of_people([held[pk] for pk in given if held[pk]], at=at)
        used = {name for (name,) in given.values()}
        to = PhotoBatchState.COMMITTED
        _decide(batch, to, used, at=at, committed_at=at, replaced=replace)
        facts_told = {**facts, "sha256": digest.hexdigest()}
        _record("roster.photos_committed", batch, by=by, at=at, facts=facts_told)
        faults.reach("photos.written")
    return facts


def discard_photos(batch: PhotoBatch, *, by: Actor, at: datetime) -> None:
    """Forget the archive and the copies made of it; the fact that it was stays."""
    with transaction.atomic():
        _decide(batch, PhotoBatchState.DISCARDED, set(), at=at)
        _record("roster.photos_discarded", batch, by=by, at=at)


def sweep_photos(*, at: datetime) -> int:
    """Wake the job of every archive that nobody has read on for a while."""
    forgotten = PhotoBatch.objects.filter(
        state=PhotoBatchState.READING, touched_at__lt=at - FORGOTTEN_AFTER
    )
    woken = 0
    for pk in list(forgotten.values_list("pk", flat=True)):
        with transaction.atomic():
            woken += PhotoBatch.objects.filter(pk=pk).update(touched_at=at)
            jobs.wake(READ_TASK, batch=pk)
    return woken


def _known(project: Project, tickets: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    people = Candidate.objects.filter(project=project)
    for start in range(0, len(tickets), LOOKUP):
        some = people.filter(ticket_number__in=tickets[start : start + LOOKUP])
        found |= dict(some.values_list("ticket_number", "pk"))
    return found


def _first_status(times: int) -> str:
    if not times:
        return PhotoStatus.UNMATCHED
    return PhotoStatus.WAITING if times == 1 else PhotoStatus.DUPLICATE


def _read(entry: PhotoEntry, archive: zipfile.ZipFile) -> None:
    limit = settings.PHOTO_MAX_BYTES
    columns: dict[str, object] = {}
    try:
        raw = read_photo(archive, entry.position, max_bytes=limit)
        clean = clean_photo(raw, max_bytes=limit)
    except Refusal as refusal:
        columns = {"status": PhotoStatus.UNREADABLE, "problem": refusal.code}
    else:
        entry.photo.save("photo", ContentFile(clean), save=False)
        columns = {
            "status": PhotoStatus.READY,
            "photo": entry.photo.name,
            "faces": _faces_in(clean),
            "sha256": hashlib.sha256(clean).hexdigest(),
        }
    still = PhotoEntry.objects.filter(pk=entry.pk, status=PhotoStatus.WAITING)
    if not still.update(**columns) and "photo" in columns:
        default_storage.delete(entry.photo.name)


def _faces_in(clean: bytes) -> str:
    looker = faces.backend()
    if not looker.available:
        return Faces.UNKNOWN
    try:
        with faces.turn():
            found = len(looker.analyse(clean).faces)
    except faces.FaceBusy:
        return Faces.UNKNOWN
    return {0: Faces.NONE, 1: Faces.ONE}.get(found, Faces.MANY)


def _counts(batch: PhotoBatch) -> dict[str, int]:
    found = Counter(batch.entries.values_list("status", flat=True))
    counts = {status: found[status] for status in PhotoStatus.values}
    ready = batch.entries.filter(status=PhotoStatus.READY)
    counts["replacing"] = ready.exclude(candidate__photo="").count()
    seen = Counter(ready.values_list("faces", flat=True))
    return counts | {f"faces_{name}": seen[name] for name in Faces.values}


def _decide(
    batch: PhotoBatch, state: str, used: set[str], *, at: datetime, **columns: object
) -> None:
    unused = _files(batch.entries.exclude(photo="")) - used
    archive = batch.archive.name
    try:
        MACHINE.move(batch, to=state, archive="", **columns)
    except (Conflict, IllegalMove):
        raise PhotosDecided from None
    PhotoEntry.objects.filter(batch=batch).delete()
    discard_files({archive, *unused}, at=at)


def _files(entries: QuerySet[PhotoEntry]) -> set[str]:
    return set(entries.values_list("photo", flat=True))


def _record(
    action: str,
    batch: PhotoBatch,
    *,
    by: Actor,
    at: datetime,
    facts: dict | None = None,
) -> None:
    record(
        action,
        by=by,
        at=at,
        subject=f"photos:{batch.pk}",
        facts=facts or {"files": batch.entries.count()},
    )
