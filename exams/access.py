"""Who of the staff may do what where: a role, held in a project, session or room.

And, for everybody's requests and sockets, whether it is a page of our own that asks.
"""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from exams.enums import Role
from exams.kernel.errors import NotAllowed
from exams.models import Assignment, Project, Session, Staff


def staff_signed_in(session_key: str) -> Staff | None:
    """Return who of the staff signed in under this key, read anew from the database.

    For sockets, which outlive the request that opened them. None for a sign-in that
    ended and for an inactive account.
    """
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    staff = get_user(request)
    return staff if staff.is_authenticated and staff.is_active else None


def assignments_of(staff: Staff, *roles: str) -> QuerySet[Assignment]:
    """Return the rows that give this person one of the roles; none when inactive."""
    if not staff.is_active:
        return Assignment.objects.none()
    return Assignment.objects.filter(staff=staff, role__in=roles)


def has_role(staff: Staff, *roles: str) -> bool:
    """Return whether the person holds one of the roles anywhere."""
    if staff.is_active and staff.is_superuser and Role.ADMINISTRATOR in roles:
        return True
    return assignments_of(staff, *roles).exists()


def require_role(
    staff: Staff,
    *roles: str,
    session: Session | None = None,
    project: Project | None = None,
) -> None:
    """Raise `NotAllowed` unless the person holds one of the roles here.

    A role of a project holds in its sessions; a role of a room counts for the
    room's session (its pages narrow further).
    """
    if staff.is_active and staff.is_superuser and Role.ADMINISTRATOR in roles:
        return
    if session is not None:
        here = (
            Q(session=session) | Q(room__session=session) | Q(project=session.project)
        )
    elif project is not None:
        here = (
            Q(project=project)
            | Q(session__project=project)
            | Q(room__session__project=project)
        )
    else:
        here = Q()
    if not assignments_of(staff, *roles).filter(here).exists():
        raise NotAllowed


def sessions_for(staff: Staff, *roles: str) -> QuerySet[Session]:
    """Return the sessions in which the person holds one of the roles."""
    if staff.is_active and staff.is_superuser and Role.ADMINISTRATOR in roles:
        return Session.objects.all()
    held = assignments_of(staff, *roles)
    return Session.objects.filter(
        Q(pk__in=held.values("session"))
        | Q(rooms__in=held.values("room"))
        | Q(project__in=held.values("project"))
    ).distinct()


def staff_page(*roles: str) -> Callable:
    """Decorate a view: signed in, and one of the roles somewhere, or a refusal."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not has_role(request.user, *roles):
                raise NotAllowed
            return view(request, *args, **kwargs)

        guarded.roles = roles
        return guarded

    return decorate


def is_own_origin(origin: str, host: str) -> bool:
    """Return whether an Origin header names the host that was asked."""
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:  # no address at all, as `http://[`
        return False
