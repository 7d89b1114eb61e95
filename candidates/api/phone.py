"""The phone's own API under `/phone/api/`; its cookie reaches nothing else."""

from datetime import datetime

from rest_framework.request import Request
from rest_framework.response import Response

from candidates.api.inbox import JpegParser
from candidates.api.seal import SealView, stated_recordings
from candidates.domain import companions, phone_presence
from candidates.domain.leases import phone_token
from candidates.domain.sealing import seal_recordings
from candidates.enums import CompanionState, Stream
from candidates.inbound import read_heads
from candidates.models import Companion
from candidates.phone_access import HoldsPhone, PhoneAuthentication
from candidates.queries.companions import phone_state
from exams.api.base import FreshView, json_object
from exams.kernel import clock
from exams.kernel.errors import BadInput


def reply_to(companion: Companion, *, at: datetime) -> dict:
    """Return the phone's state; film that was captured may always be sent."""
    token = None
    if companion.state in CompanionState.MAY_UPLOAD and companion.epoch is not None:
        token = phone_token(companion, at=at)
    return phone_state(companion, at=at) | {"edge_token": token}


class PhoneView(FreshView):
    authentication_classes = [PhoneAuthentication]
    permission_classes = [HoldsPhone]


class PhoneStateView(PhoneView):
    def get(self, request: Request) -> Response:
        return Response(reply_to(request.auth, at=clock.now()))


class PhoneBeatView(PhoneView):
    """Every five seconds: chain heads, and what the phone tells of itself."""

    def post(self, request: Request) -> Response:
        at, told = clock.now(), json_object(request)
        heads = read_heads(told.get("heads", {}))
        if heads is None:
            raise BadInput(reason="heads")
        phone_presence.hear(
            request.auth, heads=heads, facts=told.get("facts", {}), at=at
        )
        return Response(reply_to(request.auth, at=at))


class PhoneFilmView(PhoneView):
    """The room was shown; the phone stands and films (R46, R47)."""

    def post(self, request: Request) -> Response:
        at = clock.now()
        companion = companions.start_filming(request.auth, at=at)
        return Response(reply_to(companion, at=at))


class PhoneStopView(PhoneView):
    """Stopped by hand, after the exam (R73)."""

    def post(self, request: Request) -> Response:
        at = clock.now()
        companion = companions.end_filming(request.auth, at=at)
        return Response(reply_to(companion, at=at))


class PhoneSealView(PhoneView):
    """The phone states what it captured; its own recording and no other (R74)."""

    def post(self, request: Request) -> Response:
        companion = request.auth
        sent = SealView.InputSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        if companion.state != CompanionState.ENDED:
            raise companions.PhoneClosed
        entries = seal_recordings(
            companion.attempt,
            statement=stated_recordings(sent.validated_data),
            streams=(Stream.COMPANION,),
            by=companions.phone_actor(companion),
            at=clock.now(),
        )
        return Response({"recordings": entries})


class PhoneThumbnailView(PhoneView):
    parser_classes = (JpegParser,)

    def put(self, request: Request) -> Response:
        at = clock.now()
        version = phone_presence.take_picture(request.auth, request.data, at=at)
        return Response({"version": version})
