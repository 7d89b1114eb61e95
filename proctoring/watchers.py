"""Who watches: the member of staff behind a sign-in, as sockets have to ask it."""

from exams.access import has_role, staff_signed_in
from exams.kernel.errors import NotFound
from exams.models import Attempt, Staff
from proctoring.queries.places import ROLES, attempt_for


def proctor_signed_in(session_key: str) -> Staff | None:
    """Return the proctor whose sign-in has this key, read anew from the database.

    None for an ended sign-in, an inactive account, and whoever holds no role that
    watches over anybody.
    """
    staff = staff_signed_in(session_key)
    return staff if staff and has_role(staff, *ROLES) else None


def attempt_watched(staff: Staff, code: str) -> Attempt:
    """Return the attempt if this person proctors it; raises `NotFound`."""
    attempt = attempt_for(staff, code)
    if attempt is None:
        raise NotFound
    return attempt
