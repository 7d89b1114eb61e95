"""Who asks: the lease behind a cookie, and whether the request is our own page's.

A candidate is no user. The cookie `kaowu_lease` names a device lease; everything that
a request may touch follows from that lease. Called first in every view.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from candidates.domain.leases import Browser
from candidates.enums import LeaseLevel, LeaseState
from candidates.models import DeviceLease
from candidates.queries import rights
from candidates.queries.standing import lease_by_digest
from exams.access import is_own_origin
from exams.kernel import tokens
from exams.kernel.errors import NotFound, Refusal
from exams.models import Attempt

COOKIE = "kaowu_lease"
COOKIE_SECONDS = 30 * 86_400
CLIENT_HEADER = "Kaowu-Client"
SAFE = ("GET", "HEAD", "OPTIONS")


class NotSignedIn(Refusal):
    """No lease, or one that was ended."""

    code = "not_signed_in"
    status = 401
    message = _("You are not signed in on this computer.")


class ForeignRequest(Refusal):
    """An unsafe request that did not come from our own page."""

    code = "foreign_request"
    status = 403
    message = _("This request did not come from the exam page.")


def lease_of_cookie(cookie: str) -> DeviceLease | None:
    """Return the lease that a cookie's value names, unless it was ended."""
    if not cookie:
        return None
    lease = lease_by_digest(tokens.digest(cookie))
    return None if lease is None or lease.state == LeaseState.ENDED else lease


def lease_for(request: HttpRequest | Request) -> DeviceLease | None:
    """Return the lease of the asking browser, with attempt, session and project."""
    return lease_of_cookie(request.COOKIES.get(COOKIE, ""))


def require_lease(request: HttpRequest | Request) -> DeviceLease:
    """Return the lease of the asking browser; raises `NotSignedIn`."""
    lease = lease_for(request)
    if lease is None:
        raise NotSignedIn
    return lease


def attempt_for(request: HttpRequest | Request) -> Attempt:
    """Return the attempt that the asking browser holds; raises `NotSignedIn`."""
    return require_lease(request).attempt


def own_attempt(request: HttpRequest, code: str) -> DeviceLease:
    """Return the lease if its attempt has this code; another's does not exist."""
    lease = require_lease(request)
    if lease.attempt.code != code:
        raise NotFound
    return lease


def require_own_page(request: HttpRequest | Request) -> None:
    """Raise `ForeignRequest` unless an unsafe request is our own page's.

    The header cannot be set across origins without a preflight that nobody answers;
    what the browser itself says of the origin has to agree.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    if request.headers.get(CLIENT_HEADER) != "1" or site != "same-origin":
        raise ForeignRequest
    if origin is not None and not is_own_origin(origin, request.get_host()):
        raise ForeignRequest


class LeaseAuthentication(BaseAuthentication):
    """DRF: `request.user` and `request.auth` are the lease; no lease is nobody."""

    def authenticate(self, request: Request) -> tuple[DeviceLease, DeviceLease] | None:
        require_own_page(request)
        lease = lease_for(request)
        return None if lease is None else (lease, lease)


class HoldsLease(BasePermission):
    """Any lease that was not ended; what it may do is asked of `rights`."""

    def has_permission(self, request: Request, view: object) -> bool:
        if request.auth is None:
            raise NotSignedIn
        return True


class HoldsVerifiedLease(HoldsLease):
    """The one active browser of the attempt, with a proved identity."""

    def has_permission(self, request: Request, view: object) -> bool:
        super().has_permission(request, view)
        lease = request.auth
        if lease.state == LeaseState.WAITING:
            raise rights.LeaseWaiting
        if lease.state != LeaseState.ACTIVE:
            raise rights.LeaseLost
        if lease.level != LeaseLevel.VERIFIED:
            raise rights.NotVerified
        return True


def browser_of(request: HttpRequest) -> Browser:
    """Return what a request tells of its browser."""
    return Browser(
        cookie=request.COOKIES.get(COOKIE, ""),
        device=request.headers.get("User-Agent", ""),
        address=client_address(request),
    )


def client_address(request: HttpRequest) -> str:
    """Return the asking address: behind N trusted proxies the Nth from the right."""
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    trusted = settings.TRUSTED_PROXIES
    if trusted and len(hops) >= trusted and hops[-trusted].strip():
        return hops[-trusted].strip()
    return request.META.get("REMOTE_ADDR", "")


def set_lease_cookie(response: HttpResponse, cookie: str) -> None:
    """Hand the lease to the browser: not for scripts, not for other sites."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=settings.PRODUCTION,
    )


def drop_lease_cookie(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Strict")
