"""The peer: the same promise by an ordinary API view.

Token, digest, append, fdatasync, then a model serializer and one `create()`; served
by the same server in threads, which is cheaper than Django's own ASGI handler.
"""

import base64
import hashlib
import os
import warnings
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from uvicorn.middleware.wsgi import WSGIMiddleware

wsgi = get_wsgi_application()

from candidates.models import Chunk, Recording, Segment  # noqa: E402 - needs apps
from exams.kernel import clock, tokens  # noqa: E402


class ChunkSerializer(serializers.ModelSerializer):
    class Meta:
        model = Chunk
        exclude = ("id",)


class ChunkView(APIView):
    def put(
        self, request: Request, recording: UUID, segment: UUID, seq: int
    ) -> Response:
        at = clock.now()
        token = request.headers["Authorization"].removeprefix("Bearer ")
        claims = tokens.check(token, audience="edge", at=at)
        row = Recording.objects.select_related("attempt").get(code=recording)
        if row.attempt.code != claims["a"]:
            return Response(status=403)
        body = request._request.body
        digest = hashlib.sha256(body)
        if request.headers["Content-Digest"] != (
            f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
        ):
            return Response(status=422)
        held, _ = Segment.objects.get_or_create(
            uuid=segment,
            defaults={
                "recording": row,
                "mime": "video/webm",
                "lease_epoch": claims["e"],
                "started_ms": 0,
                "opened_at": at,
            },
        )
        start_ms, duration_ms = request.headers["Kaowu-Span"].split(",")
        serializer = ChunkSerializer(
            data={
                "segment": held.pk,
                "seq": seq,
                "size": len(body),
                "digest": digest.hexdigest(),
                "head": request.headers["Kaowu-Chain"],
                "offset": append(segment, body),
                "start_ms": start_ms,
                "duration_ms": duration_ms,
                "lease_epoch": claims["e"],
                "received_at": at + timedelta(),
            }
        )
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response({"seq": seq, "digest": digest.hexdigest()}, status=201)


def append(segment: UUID, body: bytes) -> int:
    folder = Path(settings.RECORDINGS_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / segment.hex).open("ab") as file:
        offset = file.tell()
        file.write(body)
        file.flush()
        os.fdatasync(file.fileno())
    return offset


PATTERN = "api/v1/recordings/<uuid:recording>/segments/<uuid:segment>/chunks/<int:seq>"
urlpatterns = [path(PATTERN, ChunkView.as_view())]
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    application = WSGIMiddleware(wsgi, workers=8)
