"""The computer's side of the phone: code, comparison, picture (R44, R45)."""

from django.http import HttpResponse
from django.urls import reverse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from candidates.access import HoldsVerifiedLease
from candidates.api.base import state_reply
from candidates.domain import companions, pairing
from candidates.domain.thumbnails import read_thumbnail
from candidates.enums import CompanionState, Stream
from candidates.models import Companion
from candidates.queries.companions import open_code
from exams.api.base import FreshView, json_object
from exams.kernel import clock
from exams.kernel.errors import BadInput, NotFound


def code_reply(companion: Companion, request: Request) -> dict:
    """Return a code as it is shown: `{code, digits, link, door, svg, expires_ms}`."""
    token = pairing.token_of(companion.code)
    link = request.build_absolute_uri(reverse("phone:open", args=[token]))
    return {
        "code": companion.code,
        "digits": pairing.digits_of(companion.code),
        "link": link,
        "door": request.build_absolute_uri(reverse("phone:door")),
        "svg": pairing.qr_svg(link),
        "expires_ms": clock.milliseconds(companion.expires_at),
    }


class CompanionView(FreshView):
    """The code that is valid now; POST makes a new one and voids the old."""

    permission_classes = [HoldsVerifiedLease]

    def get(self, request: Request) -> Response:
        shown = open_code(request.auth.attempt, at=clock.now())
        if shown is None or shown.state != CompanionState.OFFERED:
            raise NotFound
        return Response(code_reply(shown, request))

    def post(self, request: Request) -> Response:
        made = companions.offer_code(request.auth, at=clock.now())
        return Response(code_reply(made, request), status=status.HTTP_201_CREATED)


class CompanionMatchView(FreshView):
    """What the candidate saw: `{code, match}`, the four digits alike or not."""

    permission_classes = [HoldsVerifiedLease]

    def post(self, request: Request) -> Response:
        at, told = clock.now(), json_object(request)
        match, code = told.get("match"), str(told.get("code", ""))
        if not isinstance(match, bool):
            raise BadInput(reason="match")
        act = companions.confirm_match if match else companions.refuse_match
        act(request.auth, code=code, at=at)
        return Response(state_reply(request.auth, at=at))


class CompanionPictureView(FreshView):
    """The phone's newest small picture; named by its version in the address."""

    permission_classes = [HoldsVerifiedLease]

    def get(self, request: Request) -> HttpResponse:
        jpeg = read_thumbnail(request.auth.attempt.code, Stream.COMPANION)
        if jpeg is None:
            raise NotFound
        return HttpResponse(
            jpeg, content_type="image/jpeg", headers={"Cache-Control": "no-store"}
        )
