"""Face login: a random challenge, and what the answer's pictures prove (R41).

Owns `FaceCheck` and the machine of its state. The server asks for turns of the head in
a random order and believes nothing but pixels. A pass does what a person's approval
does; an unclear comparison goes to staff with its frames; failures, a missing consent,
photo or back end leave the human route of `checkin`, which is open all the time.
Embeddings are biometric: kept encrypted, never logged, never sent.
"""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from candidates.backends import faces
from candidates.domain import checkin, leases
from candidates.domain.checkin import ConsentMissing
from candidates.domain.face_judging import STEPS, Verdict, judge, thresholds
from candidates.domain.photos import clean_photo
from candidates.enums import FaceCheckState, LeaseState
from candidates.events import attempt_topic
from candidates.models import DeviceLease, FaceCheck
from candidates.queries import rights
from candidates.queries.faces import roster_photo_of
from candidates.queries.standing import standing_of
from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.enums import IdentityMethod
from exams.kernel.errors import BadInput, Refusal
from exams.kernel.states import Machine
from exams.models import Attempt

MACHINE = Machine(
    {
        "open": frozenset({"judging", "expired"}),
        "judging": frozenset({"passed", "review", "failed"}),
    }
)
# Names the words of the face consent; a review's check-in carries it on.
CONSENT_VERSION = "face-1"
MAX_FRAMES = 6
PROGRAM = Actor.job("face_check")
_shuffle = random.SystemRandom().shuffle


class ChallengeUsed(Refusal):
    code = "challenge_used"
    message = _("These pictures were already compared. Start again.")


class ChallengeExpired(Refusal):
    code = "challenge_expired"
    message = _("That took too long. Nothing was counted; start again.")


@dataclass(frozen=True)
class Judged:
    """A verdict with what it was made from; `digests` names the pictures."""

    verdict: Verdict
    backend: str
    version: str
    digests: dict


def open_challenge(
    lease: DeviceLease, *, consent_version: str, at: datetime
) -> FaceCheck:
    """Ask for turns of the head in a random order; an older open one is over.

    Good until `expires_at`, for one answer. Raises `ConsentMissing` and what `rights`
    says of `face_check` at `at`: each of those leaves the human route.
    """
    if consent_version != CONSENT_VERSION:
        raise ConsentMissing(version=CONSENT_VERSION)
    steps = list(STEPS)
    _shuffle(steps)
    lifetime = settings.FACE_CHALLENGE_SECONDS + settings.FACE_UPLOAD_SECONDS
    with transaction.atomic():
        lease = leases.lock_lease(lease)
        _require("face_check", lease, at=at)
        for old in FaceCheck.objects.filter(attempt=lease.attempt, state="open"):
            MACHINE.move(old, to=FaceCheckState.EXPIRED)
        check = FaceCheck.objects.create(
            attempt=lease.attempt,
            lease=lease,
            consent_version=consent_version,
            steps=steps,
            issued_at=at,
            expires_at=at + timedelta(seconds=lifetime),
        )
        facts = {"check": check.code, "consent": consent_version, "steps": steps}
        _record(check, "issued", Actor.of_candidate(lease.attempt), facts, at=at)
    return check


def answer_challenge(
    check: FaceCheck, *, frames: Sequence[bytes], at: datetime
) -> FaceCheck:
    """Compare the frames with each other and with the roster's photo; return the row.

    3 or 6 JPEG or PNG files of at most `FACE_FRAME_MAX_BYTES`, in the order of the
    steps. Raises `BadInput`, `BadPhoto`, `PhotoTooLarge`, `FaceBusy` and uses nothing
    up; `ChallengeUsed`, `ChallengeExpired`, and what `rights` says. Takes about a
    tenth of a second a frame, outside any transaction.
    """
    pictures = _cleaned(frames, len(check.steps))
    with faces.turn():
        check = _claim(check, at=at)
        judged = _judge(check, pictures)
    return _land(check, judged, pictures, at=at)


def forget_faces(attempt: Attempt, *, by: Actor, at: datetime) -> int:
    """Delete the embeddings of an attempt, with an entry; return how many there were.

    What was decided stays decided: the row keeps distances and hashes. The candidate
    who takes the consent back, and whoever purges, both end here.
    """
    with transaction.atomic():
        kept = FaceCheck.objects.filter(attempt=attempt).exclude(embedding="")
        deleted = kept.update(embedding="")
        record(
            "face.forgotten",
            by=by,
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={"deleted": deleted},
            chain=attempt.session.code,
        )
    return deleted


def withdraw_consent(lease: DeviceLease, *, at: datetime) -> None:
    """Take the consent back: what is kept of the face is deleted at once.

    Whoever only asks for the attempt from another computer decides nothing of it.
    """
    if lease.state not in LeaseState.MAY_UPLOAD:
        raise rights.LeaseWaiting
    forget_faces(lease.attempt, by=Actor.of_candidate(lease.attempt), at=at)


def _cleaned(frames: Sequence[bytes], steps: int) -> list[bytes]:
    if not steps <= len(frames) <= MAX_FRAMES or len(frames) % steps:
        raise BadInput(reason=f"frames: {steps} or {MAX_FRAMES}")
    limit = settings.FACE_FRAME_MAX_BYTES
    return [clean_photo(frame, max_bytes=limit) for frame in frames]


def _claim(check: FaceCheck, *, at: datetime) -> FaceCheck:
    """Use the challenge up, whatever its answer will be worth."""
    with transaction.atomic():
        lease = leases.lock_lease(check.lease)
        check = FaceCheck.objects.get(pk=check.pk)
        check.lease = lease
        if check.state != FaceCheckState.OPEN:
            raise ChallengeUsed
        late = at >= check.expires_at
        if late:
            MACHINE.move(check, to=FaceCheckState.EXPIRED)
        else:
            _require("face_check", lease, at=at)
            MACHINE.move(check, to=FaceCheckState.JUDGING)
    if late:
        raise ChallengeExpired
    return check


def _judge(check: FaceCheck, pictures: list[bytes]) -> Judged:
    backend = faces.backend()
    photo = _roster_photo(check.lease)
    reports = [backend.analyse(picture) for picture in pictures]
    roster = backend.analyse(photo) if photo else None
    each = len(pictures) // len(check.steps)
    steps = [step for step in check.steps for _ in range(each)]
    digests = {
        "frames": [hashlib.sha256(picture).hexdigest() for picture in pictures],
        "roster": hashlib.sha256(photo).hexdigest() if photo else "",
    }
    verdict = judge(steps, reports, roster, compare=backend.compare)
    return Judged(verdict, backend.name, backend.version, digests)


def _roster_photo(lease: DeviceLease) -> bytes | None:
    candidate = roster_photo_of(lease)
    try:
        return candidate.photo.read() if candidate else None
    except FileNotFoundError:
        return None


def _land(
    check: FaceCheck, judged: Judged, pictures: list[bytes], *, at: datetime
) -> FaceCheck:
    """Store the verdict and do what follows from it, in one transaction."""
    review = judged.verdict.state == FaceCheckState.REVIEW
    each = len(pictures) // len(check.steps)
    stored = checkin.store_photos(pictures[::each]) if review else []
    try:
        with transaction.atomic():
            lease = leases.lock_lease(check.lease)
            _require("check_in", lease, at=at)
            queued = None
            if review:
                version = check.consent_version
                queued = checkin.put_in_queue(lease, stored, version, at=at)
            _store(check, judged, queued, at=at)
            if judged.verdict.state == FaceCheckState.PASSED:
                checkin.open_passage(
                    lease.attempt, lease, method=IdentityMethod.FACE, by=PROGRAM, at=at
                )
    except (Refusal, IntegrityError) as error:
        checkin.forget_photos(stored)
        if isinstance(error, IntegrityError):
            raise rights.CheckInWaiting from error
        raise
    return check


def _store(
    check: FaceCheck, judged: Judged, queued: checkin.CheckIn | None, *, at: datetime
) -> None:
    verdict = judged.verdict
    told = {
        "backend": judged.backend,
        "version": judged.version,
        "thresholds": thresholds(),
        "distances": verdict.distances,
        "digests": judged.digests,
        "reasons": verdict.reasons,
    }
    kept = verdict.embedding
    MACHINE.move(
        check,
        to=verdict.state,
        decided_at=at,
        quality=verdict.quality,
        embedding=json.dumps(kept) if kept else "",
        check_in=queued,
        **told,
    )
    state = str(verdict.state)
    _record(check, state, PROGRAM, {"check": check.code, **told}, at=at)
    topic = attempt_topic(check.attempt.code)
    publish(topic, "face_check.decided", {"state": state}, at=at)


def _record(
    check: FaceCheck, act: str, by: Actor, facts: dict, *, at: datetime
) -> None:
    attempt = check.lease.attempt
    record(
        f"face_check.{act}",
        by=by,
        at=at,
        subject=f"attempt:{attempt.code}",
        facts=facts,
        chain=attempt.session.code,
    )


def _require(action: str, lease: DeviceLease, *, at: datetime) -> None:
    refusal = rights.refusal_to(action, standing_of(lease), at=at)
    if refusal:
        raise refusal
