"""Who watches: the member of staff behind a sign-in, as sockets have to ask it."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from exams.access import has_role
from exams.kernel.errors import NotFound
from exams.models import Attempt, Staff
from proctoring.queries.places import ROLES, attempt_for


def proctor_signed_in(session_key: str) -> Staff | None:
    """Return the proctor whose sign-in has this key, read anew from the database.

    None for an ended sign-in, an inactive account, and whoever holds no role that
    watches over anybody.
    """
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    staff = get_user(request)
    if not staff.is_authenticated or not has_role(staff, *ROLES):
        return None
    return staff


def attempt_watched(staff: Staff, code: str) -> Attempt:
    """Return the attempt if this person proctors it; raises `NotFound`."""
    attempt = attempt_for(staff, code)
    if attempt is None:
        raise NotFound
    return attempt
