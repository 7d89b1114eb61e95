"""One synthetic recorder: slices in real time, chained, sent until acknowledged."""

import base64
import hashlib
import json
import struct
import time
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from candidates.simulation.http import Client

RETRY_SECONDS = 0.5
RETRIES = 60
STORED = (200, 201)


class NotStored(Exception):
    """The server refused a chunk for good, or never took it."""


@dataclass
class SegmentSender:
    """Sends the slices of one segment of one recording, as a browser would."""

    client: Client
    recording: str
    token: str
    mime: str
    started_ms: int
    reason: str = "start"
    uuid: UUID = field(default_factory=uuid4)
    sent: list[str] = field(default_factory=list)
    repeats: int = 0

    def __post_init__(self) -> None:
        seed = b"kaowu/segment/1" + self.uuid.bytes + self.mime.encode()
        self.head = hashlib.sha256(seed).digest()
        header = {
            "mime": self.mime,
            "device": "simulated",
            "reason": self.reason,
            "started_ms": self.started_ms,
        }
        text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
        self._header = base64.urlsafe_b64encode(text).decode().rstrip("=")

    def send(self, data: bytes, *, start_ms: int, duration_ms: int) -> None:
        """PUT the next slice and return once the server acknowledged it.

        Raises `NotStored` on a refusal, or after `RETRIES` fruitless tries.
        """
        seq, digest = len(self.sent), hashlib.sha256(data).digest()
        self.head = hashlib.sha256(
            self.head
            + struct.pack(">I", seq)
            + digest
            + struct.pack(">QI", start_ms, duration_ms)
        ).digest()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/octet-stream",
            "Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
            "Kaowu-Span": f"{start_ms},{duration_ms}",
            "Kaowu-Chain": self.head.hex(),
            "Kaowu-Segment": self._header,
        }
        path = f"/api/v1/recordings/{self.recording}/segments/{self.uuid}/chunks/{seq}"
        self._put(path, data, headers)
        self.sent.append(digest.hex())

    def statement(self) -> dict:
        """Return what this side says it recorded, for sealing."""
        return {
            "uuid": str(self.uuid),
            "mime": self.mime,
            "count": len(self.sent),
            "head": self.head.hex(),
        }

    def told(self) -> dict:
        """Return what a heartbeat says of this segment."""
        count = len(self.sent)
        return {"segment": str(self.uuid), "count": count, "head": self.head.hex()}

    def _put(self, path: str, data: bytes, headers: dict) -> None:
        for _ in range(RETRIES):
            try:
                answer = self.client.request(
                    "PUT", path, data=data, headers=headers, label="chunk"
                )
            except OSError:
                status = 503
            else:
                status = answer.status
            if status in STORED:
                return
            if status not in (429, 503):
                message = f"{status} {answer.body[:200]!r}"
                raise NotStored(message)
            self.repeats += 1
            time.sleep(RETRY_SECONDS)
        message = f"{path}: not acknowledged after {RETRIES} tries"
        raise NotStored(message)
