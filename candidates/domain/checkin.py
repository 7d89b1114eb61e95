"""Check-in by the human route: photos that a person judges (R41).

Owns `CheckIn` and `CheckInPhoto` and the machine of their state. An approval checks
the attempt in, verifies the lease, finishes the stage and makes the recordings, in
one transaction. Consent comes before the first photo. Decides nothing by itself.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from candidates.domain import leases
from candidates.domain.photos import PhotoTooLarge, clean_photo
from candidates.domain.recordings import create_recordings
from candidates.enums import CheckInState
from candidates.models import CheckIn, CheckInPhoto, DeviceLease, StagePassage
from candidates.queries import rights
from candidates.queries.standing import standing_of
from exams.domain import attempts
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, IdentityMethod, Stage
from exams.kernel.errors import BadInput, IllegalMove, Refusal, WindowClosed
from exams.kernel.states import Machine
from exams.models import Attempt, Staff

MACHINE = Machine({"waiting": frozenset({"approved", "declined", "settled"})})
CONSENT_VERSION = "1"
MIN_PHOTOS = 2
MAX_PHOTOS = 4
MAX_REASON = 300
StoredPhoto = tuple[str, str]


class ConsentMissing(Refusal):
    code = "consent_missing"
    status = 422
    message = _("Read and accept the consent to the identity check first.")


def request_check_in(
    lease: DeviceLease,
    *,
    consent_version: str,
    photos: Sequence[UploadedFile],
    at: datetime,
) -> CheckIn:
    """Store 2 to 4 photos and put the attempt in the staff's queue.

    `consent_version` is the version that the person accepted; "" is none. Bytes go
    to storage before the transaction. Raises `ConsentMissing`, `BadInput`,
    `BadPhoto`, `PhotoTooLarge`, and what `rights` says of `check_in` at `at`.
    """
    if consent_version != CONSENT_VERSION:
        raise ConsentMissing(version=CONSENT_VERSION)
    _require("check_in", lease, at=at)
    stored = store_photos(_cleaned(photos))
    try:
        with transaction.atomic():
            lease = leases.lock_lease(lease)
            _require("check_in", lease, at=at)
            check_in = put_in_queue(lease, stored, consent_version, at=at)
    except (Refusal, IntegrityError) as error:
        forget_photos(stored)
        if isinstance(error, IntegrityError):
            raise rights.CheckInWaiting from error
        raise
    return check_in


def put_in_queue(
    lease: DeviceLease, stored: list[StoredPhoto], consent_version: str, *, at: datetime
) -> CheckIn:
    """Make the row that waits for a person; in the caller's transaction.

    The lease's attempt is locked. A second one that waits raises `IntegrityError`.
    """
    check_in = CheckIn.objects.create(
        attempt=lease.attempt,
        lease=lease,
        consent_version=consent_version,
        consented_at=at,
        created_at=at,
    )
    for name, digest in stored:
        CheckInPhoto.objects.create(check_in=check_in, image=name, digest=digest)
    _tell_request(check_in, [digest for _name, digest in stored], at=at)
    return check_in


def approve_check_in(check_in: CheckIn, *, by: Staff, at: datetime) -> CheckIn:
    """Say that this is the person: attempt checked in, lease verified.

    A request made inside the login window may be decided until first entry closes.
    Raises `WindowClosed` afterwards and `IllegalMove`/`Conflict` when it is decided.
    """
    entry = Schedule.of(check_in.attempt.session, check_in.attempt).entry
    if entry.is_over(at):
        raise WindowClosed(closes=entry.closes)
    with transaction.atomic():
        attempt = _locked_attempt(check_in)
        MACHINE.move(
            check_in, to=CheckInState.APPROVED, decided_at=at, decided_by=by, reason=""
        )
        open_passage(
            attempt,
            check_in.lease,
            method=IdentityMethod.HUMAN,
            by=Actor.of_staff(by),
            at=at,
        )
        _tell_decision(check_in, by=by, at=at)
    return check_in


def open_passage(
    attempt: Attempt, lease: DeviceLease, *, method: str, by: Actor, at: datetime
) -> None:
    """Do what an identity proved by this method does, whoever proved it (R41).

    Checks the attempt in, verifies the lease, finishes the stage and makes the
    recordings, in the caller's transaction; the attempt is locked.
    """
    if attempt.state == AttemptState.ENROLLED:
        attempts.check_in(attempt, by=by, at=at)
    elif attempt.state != AttemptState.CHECKED_IN:
        raise IllegalMove(old=attempt.state, new=AttemptState.CHECKED_IN)
    leases.verify_lease(lease)
    StagePassage.objects.get_or_create(
        attempt=attempt,
        stage=Stage.CHECK_IN,
        defaults={"at": at, "facts": {"method": str(method)}},
    )
    create_recordings(attempt, at=at)


def settle_check_in(attempt: Attempt, *, by: Staff, at: datetime) -> None:
    """Take photos that still wait out of the queue: `by` vouched in another way.

    In the caller's transaction; the attempt is locked.
    """
    waiting = CheckIn.objects.filter(attempt=attempt, state=CheckInState.WAITING)
    for check_in in waiting.select_related("attempt__session__project"):
        MACHINE.move(check_in, to=CheckInState.SETTLED, decided_at=at, decided_by=by)
        _tell_decision(check_in, by=by, at=at)


def decline_check_in(
    check_in: CheckIn, *, by: Staff, at: datetime, reason: str
) -> CheckIn:
    """Say why these photos do not prove it; the candidate may send others."""
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    if len(reason) > MAX_REASON:
        raise BadInput(reason=f"reason: 1..{MAX_REASON}")
    with transaction.atomic():
        _locked_attempt(check_in)
        MACHINE.move(
            check_in,
            to=CheckInState.DECLINED,
            decided_at=at,
            decided_by=by,
            reason=reason,
        )
        _tell_decision(check_in, by=by, at=at)
    return check_in


def _require(action: str, lease: DeviceLease, *, at: datetime) -> None:
    refusal = rights.refusal_to(action, standing_of(lease), at=at)
    if refusal:
        raise refusal


def store_photos(cleaned: Sequence[bytes]) -> list[StoredPhoto]:
    """Write cleaned photos; return `[(stored name, SHA-256 of its bytes)]`.

    Before the transaction that names them; when it fails, `forget_photos`.
    """
    field = CheckInPhoto._meta.get_field("image")
    stored = []
    for content in cleaned:
        name = field.generate_filename(CheckInPhoto(), "photo.jpg")
        saved = field.storage.save(name, ContentFile(content))
        stored.append((saved, hashlib.sha256(content).hexdigest()))
    return stored


def forget_photos(stored: list[StoredPhoto]) -> None:
    """Delete photos that no row came to name."""
    storage = CheckInPhoto._meta.get_field("image").storage
    for name, _digest in stored:
        storage.delete(name)


def _cleaned(photos: Sequence[UploadedFile]) -> list[bytes]:
    if not MIN_PHOTOS <= len(photos) <= MAX_PHOTOS:
        raise BadInput(reason=f"photos: {MIN_PHOTOS}..{MAX_PHOTOS}")
    limit = settings.PHOTO_MAX_BYTES
    if any(photo.size > limit for photo in photos):
        raise PhotoTooLarge(max_bytes=limit)
    return [clean_photo(photo.read(), max_bytes=limit) for photo in photos]


def _locked_attempt(check_in: CheckIn) -> Attempt:
    return (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("session__project")
        .get(pk=check_in.attempt_id)
    )


def _tell_request(check_in: CheckIn, digests: list[str], *, at: datetime) -> None:
    attempt = check_in.attempt
    record(
        "check_in.requested",
        by=Actor.of_candidate(attempt),
        at=at,
        subject=f"attempt:{attempt.code}",
        facts={"consent": check_in.consent_version, "photos": digests},
        chain=attempt.session.code,
    )
    staff = f"staff:checkins:{attempt.session.project.slug}"
    publish(staff, "check_in.requested", {"attempt": attempt.code}, at=at)
    publish(f"attempt:{attempt.code}", "check_in.requested", {}, at=at)


def _tell_decision(check_in: CheckIn, *, by: Staff, at: datetime) -> None:
    attempt, state = check_in.attempt, str(check_in.state)
    record(
        f"check_in.{state}",
        by=Actor.of_staff(by),
        at=at,
        subject=f"attempt:{attempt.code}",
        # The words may name a person; only their hash goes into the chain.
        facts={"reason_sha256": hashlib.sha256(check_in.reason.encode()).hexdigest()},
        chain=attempt.session.code,
    )
    publish(f"attempt:{attempt.code}", "check_in.decided", {"state": state}, at=at)
    staff = f"staff:checkins:{attempt.session.project.slug}"
    publish(staff, "check_in.decided", {"attempt": attempt.code}, at=at)
