"""Who asks as a phone: the pairing behind its cookie. It reaches `/phone/` only.

A phone is no browser of the candidate: its cookie is another one, on another path,
and opens nothing but its own film.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from candidates.access import client_address, require_own_page
from candidates.domain.leases import Browser
from candidates.models import Companion
from candidates.queries.companions import companion_of_secret
from exams.kernel.errors import Refusal

COOKIE = "kaowu_phone"
COOKIE_SECONDS = 30 * 86_400
PATH = "/phone/"


class NotPaired(Refusal):
    """No pairing is known to this phone."""

    code = "not_paired"
    status = 401
    message = _("This phone is not paired. Scan the code on the computer.")


def companion_for(request: HttpRequest | Request) -> Companion | None:
    """Return the pairing of the asking phone, in whatever state it is."""
    return companion_of_secret(request.COOKIES.get(COOKIE, ""))


class PhoneAuthentication(BaseAuthentication):
    """DRF: `request.user` and `request.auth` are the pairing."""

    def authenticate(self, request: Request) -> tuple[Companion, Companion] | None:
        require_own_page(request)
        companion = companion_for(request)
        return None if companion is None else (companion, companion)


class HoldsPhone(BasePermission):
    """Any pairing that was opened; what it may do is asked of the domain."""

    def has_permission(self, request: Request, view: object) -> bool:
        if request.auth is None:
            raise NotPaired
        return True


def phone_of(request: HttpRequest) -> Browser:
    """Return what a request tells of its phone."""
    return Browser(
        cookie="",
        device=request.headers.get("User-Agent", ""),
        address=client_address(request),
    )


def set_phone_cookie(response: HttpResponse, secret: str) -> None:
    """Hand the pairing to the phone: not for scripts, not for other pages."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=COOKIE_SECONDS,
        path=PATH,
        httponly=True,
        samesite="Strict",
        secure=settings.PRODUCTION,
    )
