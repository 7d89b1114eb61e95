"""Leaving the upload page before everything has arrived (R72).

Writes one observation, which is a fact and no incident: whoever saved the files for a
handing-in, or goes without waiting, may do so.
"""

from datetime import datetime

from django.db import transaction

from candidates.domain import leases, observations
from candidates.enums import ObservationKind
from candidates.models import DeviceLease
from candidates.queries import rights
from candidates.queries.standing import standing_of
from candidates.queries.uploading import is_home_locked
from exams.domain.audit import Actor, record
from exams.kernel.errors import BadInput

WAYS = ("saved", "confirmed")


def leave_upload(lease: DeviceLease, *, how: str, at: datetime) -> None:
    """Open the way home: the files were `saved`, or the person `confirmed` to go.

    Where nothing is locked, or was left before, nothing changes. Raises `BadInput`,
    `NotOver`, and what `rights` says of the lease.
    """
    if how not in WAYS:
        raise BadInput(reason="how")
    with transaction.atomic():
        lease = leases.lock_lease(lease)
        standing = standing_of(lease)
        refusal = rights.lease_refusal(standing)
        if refusal:
            raise refusal
        if not standing.is_over(at):
            raise rights.NotOver
        if not is_home_locked(lease, at=at):
            return
        attempt = lease.attempt
        observations.note(
            attempt,
            kind=ObservationKind.UPLOAD_LEFT,
            from_at=at,
            facts={"how": how},
        )
        record(
            "upload.left",
            by=Actor.of_candidate(attempt),
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={"how": how},
            chain=attempt.session.code,
        )
