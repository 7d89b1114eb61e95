"""Deleting what is due of this floor: films, faces, messages, logs.

Owns every `erased_at` here and the removal of what it tells of. Carries out one thing
at a time: a short transaction, under the attempt's lock, says that it is deleted; then
its files go. Killed anywhere, the next run finds the thing in the plan still and does
the rest. Manifests, receipts, digests and decisions stay.
"""

import shutil
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from candidates.backends import durable
from candidates.domain.archive import archive_folder, exhibit_folder
from candidates.domain.thumbnails import forget_thumbnail
from candidates.domain.tickets import folder_of as tickets_folder
from candidates.domain.tickets import move_batch
from candidates.enums import InboxKind, Stream, TicketsState
from candidates.models import (
    Candidate,
    CheckIn,
    CheckInPhoto,
    Enrolment,
    FaceCheck,
    InboxItem,
    PhotoEntry,
    Recording,
    TicketBatch,
)
from candidates.queries.retention import (
    CHECKS,
    INBOX,
    ROSTER,
    STREAMS,
    TICKETS,
    files_of,
    folder_of,
    log_rows,
    manifest_paths,
)
from exams.domain.audit import Actor
from exams.domain.retention import erase_exhibits, record_erasure, require_agreed
from exams.kernel import faults
from exams.kernel.errors import Conflict
from exams.models import Attempt, RetentionItem

IsHeld = Callable[[Collection[int]], bool]


def erase(item: RetentionItem, *, is_held: IsHeld, at: datetime) -> bool:
    """Delete one thing of a running deletion; return False where it is held back.

    `is_held` is asked under the attempt's lock whether anything holds any of the
    attempts. Idempotent. Raises `NotApproved` without two people's yes, `Conflict`
    when somebody else works on the same files.
    """
    if item.kind in STREAMS:
        return _erase_film(item, is_held=is_held, at=at)
    what, _colon, ref = item.ref.partition(":")
    if what == TICKETS:
        return _erase_tickets(item, ref, is_held=is_held, at=at)
    if what == ROSTER:
        return _erase_roster_photo(item, is_held=is_held, at=at)
    act = {CHECKS: _mark_checks, INBOX: _mark_messages}.get(what, _mark_logs)
    with transaction.atomic():
        if not _may(item, [item.attempt_id], is_held):
            return False
        act(item, at)
    if what == CHECKS:
        _remove_photos(item.attempt_id)
    return True


def _may(item: RetentionItem, attempts: Collection[int], is_held: IsHeld) -> bool:
    """Lock the attempts, in the order of everybody else, and ask what holds them."""
    require_agreed(item)
    rows = Attempt.objects.filter(pk__in=attempts).order_by("pk")
    list(rows.select_for_update(no_key=True))
    return not is_held(attempts)


def _erase_film(item: RetentionItem, *, is_held: IsHeld, at: datetime) -> bool:
    recording = Recording.objects.select_related("attempt__session").get(code=item.ref)
    is_camera = recording.stream == Stream.CAMERA
    paths: list[str] = []
    with transaction.atomic():
        if not _may(item, [recording.attempt_id], is_held):
            return False
        marked = Recording.objects.filter(pk=recording.pk, erased_at=None).update(
            erased_at=at, archive_due=False
        )
        if is_camera:
            paths = erase_exhibits(recording.attempt, at=at)
        if marked:
            record_erasure(item, f"recording:{recording.code}", at=at)
    faults.reach("retention.after_row")
    _remove_films(recording, exhibits=paths)
    forget_thumbnail(recording.attempt.code, recording.stream)
    return True


def _remove_films(recording: Recording, *, exhibits: Collection[str]) -> None:
    """Remove a recording's files but its manifests, also those that no row names."""
    root = Path(settings.RECORDINGS_ROOT)
    for path in exhibits:
        _remove_below(root, root / path)
    for manifest in recording.manifests.all():
        shared = exhibit_folder(recording, source=manifest.body.get("source", ""))
        shutil.rmtree(shared, ignore_errors=True)
    if not folder_of(recording).exists():
        return
    try:
        with durable.exclusive_folder(archive_folder(recording)):
            kept = manifest_paths(recording)
            for number, path in enumerate(files_of(recording, manifests=kept)):
                path.unlink(missing_ok=True)
                if not number:
                    faults.reach("retention.after_file")
            durable.sync(folder_of(recording))
    except durable.Busy:
        raise Conflict(recording=str(recording.code)) from None


def _remove_below(root: Path, path: Path) -> None:
    if path.resolve().is_relative_to(root.resolve()):
        path.unlink(missing_ok=True)


def _mark_checks(item: RetentionItem, at: datetime) -> None:
    checks = CheckIn.objects.filter(attempt=item.attempt_id, erased_at=None)
    faces = FaceCheck.objects.filter(attempt=item.attempt_id).exclude(embedding="")
    marked = checks.update(erased_at=at) + faces.update(embedding="", erased_at=at)
    if marked:
        record_erasure(item, f"attempt:{item.attempt.code}", at=at)


def _remove_photos(attempt: int) -> None:
    """Remove the files of erased check-ins; their random names stay in the rows."""
    rows = CheckInPhoto.objects.filter(
        check_in__attempt=attempt, check_in__erased_at__isnull=False
    )
    for name in rows.values_list("image", flat=True):
        default_storage.delete(name)


def _erase_roster_photo(item: RetentionItem, *, is_held: IsHeld, at: datetime) -> bool:
    """Say it, remove the file, and only then forget its name."""
    enrolment = Enrolment.objects.select_related("candidate").get(attempt=item.attempt)
    person = enrolment.candidate
    with transaction.atomic():
        own = person.enrolments.values_list("attempt", flat=True)
        if not _may(item, list(own), is_held):
            return False
        if not person.photo:
            return True
        # An earlier deletion may have said so of an earlier photo.
        since = item.run.started_at
        again = Candidate.objects.filter(pk=person.pk, photo_erased_at__gte=since)
        if not again.exists():
            Candidate.objects.filter(pk=person.pk).update(photo_erased_at=at)
            record_erasure(item, f"candidate:{person.pk}", at=at)
    faults.reach("retention.after_row")
    name = person.photo.name
    others = Candidate.objects.filter(photo=name).exclude(pk=person.pk)
    if not others.exists():
        default_storage.delete(name)
    with transaction.atomic():
        Candidate.objects.filter(pk=person.pk, photo=name).update(photo="")
        PhotoEntry.objects.filter(photo=name).update(photo="")
    return True


def _erase_tickets(
    item: RetentionItem, code: str, *, is_held: IsHeld, at: datetime
) -> bool:
    batch = TicketBatch.objects.select_related("session").get(code=code)
    with transaction.atomic():
        own = batch.session.attempts.values_list("pk", flat=True)
        if not _may(item, list(own), is_held):
            return False
        ends = {
            TicketsState.PUBLISHED: TicketsState.WITHDRAWN,
            TicketsState.READY: TicketsState.SUPERSEDED,
        }
        if batch.state in ends:
            by = Actor.job("retention")
            move_batch(batch, ends[TicketsState(batch.state)], by=by, at=at)
        if batch.has_files:
            record_erasure(item, f"tickets:{batch.code}", at=at)
    shutil.rmtree(tickets_folder(batch), ignore_errors=True)
    TicketBatch.objects.filter(pk=batch.pk).update(has_files=False)
    return True


def _mark_messages(item: RetentionItem, at: datetime) -> None:
    rows = InboxItem.objects.filter(
        attempt=item.attempt_id, kind=InboxKind.MESSAGE, erased_at=None
    )
    if rows.update(title="", body="", erased_at=at):
        record_erasure(item, f"attempt:{item.attempt.code}", at=at)


def _mark_logs(item: RetentionItem, at: datetime) -> None:
    """Empty what tells devices and addresses; that something was noticed stays."""
    rows = log_rows(Q(attempt=item.attempt_id))
    emptied = (
        rows["observations"].update(facts={}, erased_at=at)
        + rows["computers"].update(device="", address="")
        + rows["phones"].update(device="", address="", facts={})
        + rows["presence"].delete()[0]
        + rows["stages"].update(facts={})
        + rows["segments"].update(device="")
    )
    if emptied:
        record_erasure(item, f"attempt:{item.attempt.code}", at=at)
