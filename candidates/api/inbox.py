"""The candidate's inbox and the small pictures of the page."""

from typing import IO

from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from candidates.domain import inbox, thumbnails
from candidates.enums import LeaseLevel, LeaseState, Stream
from candidates.models import DeviceLease
from candidates.queries.inbox import item_of, items_of
from candidates.queries.rights import LeaseWaiting, NotVerified
from exams.api.base import FreshView
from exams.kernel import clock
from exams.kernel.errors import BadInput


class InboxView(FreshView):
    """What the candidate was told; not for a browser that only asks to take over."""

    def get(self, request: Request) -> Response:
        return Response({"items": items_of(_holder(request.auth).attempt)})


class InboxReadView(FreshView):
    def post(self, request: Request, code: str) -> Response:
        item = item_of(_holder(request.auth).attempt, code=code)
        inbox.mark_read(item, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class InboxAcknowledgeView(FreshView):
    """Confirm a warning or a notice (L2)."""

    def post(self, request: Request, code: str) -> Response:
        item = item_of(_holder(request.auth).attempt, code=code)
        inbox.acknowledge(item, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class JpegParser(BaseParser):
    media_type = "image/jpeg"

    def parse(self, stream: IO[bytes], *_: object, **__: object) -> bytes:
        return stream.read(thumbnails.MAX_BYTES + 1)


class ThumbnailView(FreshView):
    """Take the newest small picture of one stream; lost ones are not missed."""

    parser_classes = (JpegParser,)

    def put(self, request: Request, stream: str) -> Response:
        lease = request.auth
        if lease.state != LeaseState.ACTIVE:
            raise LeaseWaiting
        if lease.level != LeaseLevel.VERIFIED:
            raise NotVerified
        if stream not in Stream.ON_COMPUTER:
            raise BadInput(reason="stream")
        version = thumbnails.store_thumbnail(
            lease.attempt, stream, request.data, at=clock.now()
        )
        return Response({"version": version})


def _holder(lease: DeviceLease) -> DeviceLease:
    if lease.state not in LeaseState.MAY_UPLOAD:
        raise LeaseWaiting
    return lease
