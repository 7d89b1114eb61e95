"""Who asks: the browser of a candidate, or a member of staff; over HTTP and sockets.

A candidate's browser is known by its active lease, and before the sign-in by a secret
of its own in the cookie `kaowu_asker`. A browser that waits for a takeover, or lost
the attempt to another one, may hold another person: it asks as one not signed in.
"""

from collections.abc import Mapping
from secrets import token_urlsafe

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from candidates.access import COOKIE as LEASE_COOKIE
from candidates.access import client_address, lease_of_cookie
from candidates.enums import LeaseState
from candidates.models import DeviceLease
from candidates.queries.home import candidate_of
from exams.access import staff_signed_in
from exams.kernel import tokens
from exams.models import Project, Staff
from helpdesk.domain.requests import Asker
from helpdesk.models import Request
from helpdesk.queries.requests import (
    request_by_code,
    request_of_attempt,
    request_of_browser,
    requests_for,
)

COOKIE = "kaowu_asker"
COOKIE_SECONDS = 12 * 3600
MAX_SECRET = 100
Cookies = Mapping[str, str]


def lease_in(project: Project, jar: Cookies) -> DeviceLease | None:
    """Return the browser's lease of the project, whatever its state."""
    lease = lease_of_cookie(jar.get(LEASE_COOKIE, ""))
    if lease is None or lease.attempt.session.project_id != project.pk:
        return None
    return lease


def digest_of(jar: Cookies) -> str:
    """Return the digest of the browser's own secret, "" without one."""
    secret = jar.get(COOKIE, "")
    return tokens.digest(secret) if 0 < len(secret) <= MAX_SECRET else ""


def asker_of(request: HttpRequest, project: Project, *, ticket_number: str) -> Asker:
    """Return who asks. Whoever signed in is named by the roster, not by typing."""
    lease = lease_in(project, request.COOKIES)
    acts = lease is not None and lease.state == LeaseState.ACTIVE
    if lease is not None:
        candidate = candidate_of(lease.attempt)
        ticket_number = candidate.ticket_number if candidate else ""
    return Asker(
        digest=digest_of(request.COOKIES),
        attempt=lease.attempt if acts else None,
        address=client_address(request),
        ticket_number=ticket_number,
    )


def own_request(project: Project, jar: Cookies) -> Request | None:
    """Return the request of this browser in the project, if it asked already."""
    lease = lease_in(project, jar)
    if lease is not None and lease.state == LeaseState.ACTIVE:
        found = request_of_attempt(lease.attempt_id)
        if found:
            return found
    return request_of_browser(project, digest_of(jar))


def asked_by(code: str, jar: Cookies) -> Request | None:
    """Return the request of this code if it is this browser's."""
    row = request_by_code(code)
    if row is None:
        return None
    if row.attempt_id is None:
        mine = digest_of(jar)
        return row if mine and mine == row.asker_digest else None
    lease = lease_of_cookie(jar.get(LEASE_COOKIE, ""))
    holds = lease is not None and lease.attempt_id == row.attempt_id
    return row if holds and lease.state == LeaseState.ACTIVE else None


def answered_by(code: str, staff: Staff | None) -> Request | None:
    """Return the request of this code if this person may answer it."""
    return requests_for(staff).filter(code=code).first() if staff else None


def staff_of(jar: Cookies) -> Staff | None:
    """Return who of the staff is signed in with these cookies, read anew."""
    return staff_signed_in(jar.get(settings.SESSION_COOKIE_NAME, ""))


def remember_browser(request: HttpRequest, response: HttpResponse) -> None:
    """Give a browser that has none a secret: not for scripts, not for other sites."""
    if digest_of(request.COOKIES):
        return
    response.set_cookie(
        COOKIE,
        token_urlsafe(32),
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=settings.PRODUCTION,
    )
