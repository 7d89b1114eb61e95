"""Seal: the browser states what it captured and asks for its receipts (R69–R74)."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from candidates.domain.sealing import (
    RecordingStatement,
    SegmentStatement,
    seal_recordings,
)
from candidates.enums import LeaseState, Stream
from candidates.queries.rights import LeaseWaiting
from exams.api.base import FreshView
from exams.domain.audit import Actor
from exams.kernel import clock


class SealView(FreshView):
    """From any lease that recorded: a superseded browser seals what it uploaded."""

    class InputSerializer(serializers.Serializer):
        class RecordingSerializer(serializers.Serializer):
            class SegmentSerializer(serializers.Serializer):
                uuid = serializers.UUIDField()
                mime = serializers.CharField(max_length=100)
                count = serializers.IntegerField(min_value=0)
                head = serializers.RegexField("^[0-9a-f]{64}$")

            code = serializers.UUIDField()
            segments = SegmentSerializer(many=True)

        recordings = RecordingSerializer(many=True, allow_empty=False)

    def post(self, request: Request) -> Response:
        if request.auth.state not in LeaseState.MAY_UPLOAD:
            raise LeaseWaiting
        sent = self.InputSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        attempt = request.auth.attempt
        entries = seal_recordings(
            attempt,
            statement=stated_recordings(sent.validated_data),
            streams=Stream.ON_COMPUTER,
            by=Actor.of_candidate(attempt),
            at=clock.now(),
        )
        return Response({"recordings": entries})


def stated_recordings(sent: dict) -> list[RecordingStatement]:
    """Return the validated statement as the domain takes it."""
    return [
        RecordingStatement(
            recording["code"],
            tuple(SegmentStatement(**one) for one in recording["segments"]),
        )
        for recording in sent["recordings"]
    ]
