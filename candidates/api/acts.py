"""The acts of the candidate's page: one view per verb, one domain call each."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from candidates.api.base import state_reply
from candidates.domain import (
    checkin,
    identity_codes,
    leaving,
    observations,
    passage,
)
from candidates.enums import LeaseState
from candidates.queries.rights import LeaseWaiting
from exams.api.base import FreshView, json_object
from exams.kernel import clock


class CheckInsView(FreshView):
    """Send photos to be judged by a person (R41)."""

    def post(self, request: Request) -> Response:
        consented = request.data.get("consent") == "on"
        version = request.data.get("consent_version", "") if consented else ""
        checkin.request_check_in(
            request.auth,
            consent_version=str(version),
            photos=request.FILES.getlist("photos"),
            at=clock.now(),
        )
        return Response({"state": "waiting"}, status=status.HTTP_201_CREATED)


class IdentityCodeView(FreshView):
    """Prove one's identity by a code that staff gave (G2)."""

    def post(self, request: Request) -> Response:
        at = clock.now()
        digits = str(json_object(request).get("digits", ""))[:40]
        identity_codes.use_code(request.auth, digits=digits, at=at)
        return Response(state_reply(request.auth, at=at))


class StagesView(FreshView):
    """Finish one stage in its turn."""

    def post(self, request: Request, stage: str) -> Response:
        at = clock.now()
        passage.finish_stage(
            request.auth, stage=stage, answers=json_object(request), at=at
        )
        return Response(state_reply(request.auth, at=at))


class DrawView(FreshView):
    """Draw the candidate's number; a repeat returns the same receipt (R49)."""

    def post(self, request: Request) -> Response:
        at = clock.now()
        nonce = json_object(request).get("nonce")
        dealt = passage.draw(request.auth, nonce=nonce, at=at)
        return Response(
            {
                "number": dealt.number,
                "receipt": dealt.receipt,
                "state": state_reply(request.auth, at=at),
            }
        )


class EnterView(FreshView):
    """Enter, or come back (R53)."""

    def post(self, request: Request) -> Response:
        at = clock.now()
        passage.enter_exam(request.auth, at=at)
        return Response(state_reply(request.auth, at=at))


class SubmitView(FreshView):
    """End early, confirmed (R68)."""

    def post(self, request: Request) -> Response:
        at = clock.now()
        confirmed = json_object(request).get("confirm") is True
        passage.submit_exam(request.auth, confirmed=confirmed, at=at)
        return Response(state_reply(request.auth, at=at))


class UploadLeaveView(FreshView):
    """Go home before everything has arrived (R72)."""

    def post(self, request: Request) -> Response:
        at = clock.now()
        how = str(json_object(request).get("how", ""))
        leaving.leave_upload(request.auth, how=how, at=at)
        return Response(state_reply(request.auth, at=at))


class ObservationsView(FreshView):
    """Take what the browser noticed (R57); from any lease that recorded."""

    def post(self, request: Request) -> Response:
        if request.auth.state not in LeaseState.MAY_UPLOAD:
            # Whoever only asks for the attempt says nothing about it.
            raise LeaseWaiting
        taken = observations.take_observations(
            request.auth, items=json_object(request).get("items"), at=clock.now()
        )
        return Response({"taken": taken}, status=status.HTTP_202_ACCEPTED)
