"""Reads of the face login: what was tried, what is left, what staff are shown."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from candidates.backends import faces
from candidates.enums import FaceCheckState, LeaseLevel
from candidates.models import Candidate, CheckIn, DeviceLease, FaceCheck
from exams.enums import AttemptState
from exams.models import Attempt, Session


@dataclass(frozen=True)
class FaceStanding:
    """Whether faces can be compared here, and how often it was tried."""

    available: bool = False
    has_photo: bool = False
    tries: int = 0
    issued: int = 0
    last: FaceCheck | None = None

    @property
    def tries_left(self) -> int:
        return max(0, settings.FACE_TRIES - self.tries) if self.available else 0


def face_standing(lease: DeviceLease) -> FaceStanding:
    """Return the standing in two queries, or none at all once identity is proved."""
    attempt = lease.attempt
    if (
        lease.level == LeaseLevel.VERIFIED
        or attempt.state not in AttemptState.BEFORE_ENTRY
        or not faces.backend().available
    ):
        return FaceStanding()
    checks = list(
        FaceCheck.objects.filter(attempt=attempt).defer("embedding").order_by("-pk")
    )
    decided = [check for check in checks if check.decided_at]
    return FaceStanding(
        available=True,
        has_photo=roster_photo_of(lease) is not None,
        tries=sum(check.state in FaceCheckState.TRIES for check in checks),
        issued=len(checks),
        last=decided[0] if decided else None,
    )


def roster_photo_of(lease: DeviceLease) -> Candidate | None:
    """Return the person of the lease's attempt if the roster holds a photo."""
    people = Candidate.objects.filter(enrolments__attempt=lease.attempt_id)
    return people.exclude(photo="").first()


def challenge_of(lease: DeviceLease, *, code: str) -> FaceCheck | None:
    """Return a challenge of this lease by its code; another's does not exist."""
    return (
        FaceCheck.objects.filter(lease=lease, code=code)
        .select_related("lease__attempt__session__project")
        .first()
    )


def has_kept_face(attempt: Attempt) -> bool:
    """Return whether something computed from a face is still kept (encrypted)."""
    kept = FaceCheck.objects.filter(attempt=attempt).exclude(embedding="")
    return kept.exists()


def attempts_with_faces(session: Session) -> QuerySet[Attempt]:
    """Return the attempts of a session of which something of a face is kept."""
    kept = FaceCheck.objects.filter(attempt__session=session).exclude(embedding="")
    return Attempt.objects.filter(pk__in=kept.values("attempt")).select_related(
        "session"
    )


def checks_before(check_in: CheckIn) -> list[FaceCheck]:
    """Return the decided face checks up to a check-in, the latest first."""
    checks = FaceCheck.objects.filter(
        attempt=check_in.attempt_id,
        decided_at__isnull=False,
        decided_at__lte=check_in.created_at,
    )
    return list(checks.defer("embedding").order_by("-pk"))
