"""The face login of the candidate's page: a challenge and its answer."""

from django.conf import settings
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from candidates.api.base import state_reply
from candidates.domain import face_login
from candidates.enums import FaceReason
from candidates.queries.faces import challenge_of
from exams.api.base import FreshView, json_object
from exams.kernel import clock
from exams.kernel.errors import NotFound


class FaceChallengesView(FreshView):
    """Start a face check: which turns of the head, and how long they are good for."""

    def post(self, request: Request) -> Response:
        version = str(json_object(request).get("consent_version", ""))
        check = face_login.open_challenge(
            request.auth, consent_version=version, at=clock.now()
        )
        return Response(
            {
                "challenge": check.code,
                "steps": check.steps,
                "seconds": settings.FACE_CHALLENGE_SECONDS,
                "expires_ms": clock.milliseconds(check.expires_at),
            },
            status=status.HTTP_201_CREATED,
        )


class FaceAnswersView(FreshView):
    """Take the frames of a challenge, in the order of its steps, and decide.

    The reply says how it ended and why, never how near it was.
    """

    def post(self, request: Request) -> Response:
        at = clock.now()
        code = str(request.data.get("challenge", ""))[:16]
        check = challenge_of(request.auth, code=code)
        if check is None:
            raise NotFound
        limit = settings.FACE_FRAME_MAX_BYTES
        files = request.FILES.getlist("frames")[: face_login.MAX_FRAMES + 1]
        frames = [file.read(limit + 1) for file in files]
        check = face_login.answer_challenge(check, frames=frames, at=at)
        return Response(
            {
                "outcome": check.state,
                "reasons": [
                    {"code": code, "message": FaceReason(code).label}
                    for code in check.reasons
                ],
                "state": state_reply(request.auth, at=at),
            }
        )
