"""Rows of the candidates' floor, and chunks as a browser would send them.

Row builders save one plausible row and take any column as a keyword. `Take` plays
the recorder: it makes bytes, digests and the chain without any code of ours.
"""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID, uuid4

from candidates.backends.chunk_store import LocalChunkStore
from candidates.models import (
    Candidate,
    CheckIn,
    Chunk,
    Companion,
    ConflictMatch,
    DeclaredConflict,
    DeviceLease,
    Enrolment,
    FaceCheck,
    Latecomer,
    Recording,
    Segment,
)
from exams.models import Approval, Attempt, Project, Session, Staff
from tests.builders.exams import (
    START,
    before_start,
    make_attempt,
    make_exclusion,
    make_project,
    make_staff,
)

MIME = "video/webm;codecs=vp8,opus"
STARTED_MS = round(START.timestamp() * 1000)
_serial = count(1)


def make_candidate(project: Project | None = None, **columns: object) -> Candidate:
    """A roster row; the hashes are random, no sign-in finds them unless given."""
    number = next(_serial)
    columns.setdefault("ticket_number", f"2030{number:08}")
    columns.setdefault("name", f"考生{number}")
    columns.setdefault("id_number", f"11010119900101{number:04}")
    columns.setdefault("id_hash", uuid4().hex * 2)
    columns.setdefault("sign_in_hash", uuid4().hex * 2)
    columns.setdefault("post", "教师岗位")
    return Candidate.objects.create(project=project or make_project(), **columns)


def make_enrolment(
    candidate: Candidate | None = None,
    attempt: Attempt | None = None,
    **columns: object,
) -> Enrolment:
    """A candidate of the attempt's project, linked to the attempt."""
    attempt = attempt or make_attempt()
    candidate = candidate or make_candidate(attempt.session.project)
    columns.setdefault("session", attempt.session)
    return Enrolment.objects.create(candidate=candidate, attempt=attempt, **columns)


def make_conflict(staff: Staff | None = None, **columns: object) -> DeclaredConflict:
    """A standing conflict, declared by the examiner; nothing is matched by it."""
    staff = staff or make_staff()
    columns.setdefault("kind", "name")
    columns.setdefault("value", "张三")
    columns.setdefault("value_hash", uuid4().hex * 2)
    columns.setdefault("declared_by", staff)
    columns.setdefault("declared_at", before_start(86_400))
    if "project" not in columns:
        columns["project"] = make_project()
    return DeclaredConflict.objects.create(staff=staff, **columns)


def make_match(
    candidate: Candidate, attempt: Attempt, staff: Staff | None = None
) -> ConflictMatch:
    """A match that excludes, with its conflict and its exclusion."""
    conflict = make_conflict(staff, project=candidate.project)
    make_exclusion(attempt, conflict.staff)
    return ConflictMatch.objects.create(
        conflict=conflict,
        candidate=candidate,
        attempt=attempt,
        state="excluded",
        at=before_start(86_400),
    )


def make_latecomer(session: Session, **columns: object) -> Latecomer:
    """Somebody asked for, whom nobody has agreed to yet."""
    approval = Approval.objects.create(
        session=session,
        action="session.emergency",
        subject=f"session:{session.code}",
        digest="0" * 64,
        reason="漏报",
        requested_by=make_staff(),
        requested_at=before_start(7200),
        expires_at=before_start(0),
    )
    columns.setdefault("ticket_number", "2030099")
    columns.setdefault("person", '{"ticket_number": "2030099", "name": "林晚舟"}')
    return Latecomer.objects.create(session=session, approval=approval, **columns)


def make_enrolled_attempt(session: Session | None = None, **columns: object) -> Attempt:
    """An attempt that belongs to somebody."""
    attempt = make_attempt(session, **columns)
    make_enrolment(attempt=attempt)
    return attempt


def make_lease(attempt: Attempt | None = None, **columns: object) -> DeviceLease:
    """An active, verified lease of epoch 1; its cookie's secret is `token`."""
    token = columns.pop("token", uuid4().hex)
    columns.setdefault("token_digest", hashlib.sha256(str(token).encode()).hexdigest())
    columns.setdefault("epoch", 1)
    columns.setdefault("level", "verified")
    columns.setdefault("created_at", before_start(1200))
    return DeviceLease.objects.create(attempt=attempt or make_attempt(), **columns)


def make_face_check(lease: DeviceLease | None = None, **columns: object) -> FaceCheck:
    """A face check that was not answered yet."""
    lease = lease or make_lease()
    columns.setdefault("consent_version", "1")
    columns.setdefault("steps", ["left", "centre", "right"])
    columns.setdefault("issued_at", before_start(1100))
    columns.setdefault("expires_at", before_start(1050))
    return FaceCheck.objects.create(attempt=lease.attempt, lease=lease, **columns)


def make_check_in(lease: DeviceLease | None = None, **columns: object) -> CheckIn:
    """A check-in that waits for a person."""
    lease = lease or make_lease()
    columns.setdefault("consent_version", "1")
    columns.setdefault("consented_at", before_start(1000))
    columns.setdefault("created_at", before_start(1000))
    return CheckIn.objects.create(attempt=lease.attempt, lease=lease, **columns)


def make_companion(attempt: Attempt | None = None, **columns: object) -> Companion:
    """A phone that was bound a minute ago and was just heard."""
    at = before_start(1200)
    columns.setdefault("state", "bound")
    columns.setdefault("token_digest", uuid4().hex * 2)
    columns.setdefault("digits_hash", uuid4().hex * 2)
    columns.setdefault("cross_check", "8316")
    columns.setdefault("epoch", 1)
    columns.setdefault("device", "手机")
    columns.setdefault("created_at", before_start(1320))
    columns.setdefault("expires_at", before_start(1200))
    columns.setdefault("bound_at", before_start(1260))
    columns.setdefault("last_seen_at", at)
    return Companion.objects.create(attempt=attempt or make_attempt(), **columns)


def make_recording(attempt: Attempt | None = None, **columns: object) -> Recording:
    """An open camera recording of an entered attempt."""
    columns.setdefault("stream", "camera")
    attempt = attempt or make_attempt(state="entered", entered_at=before_start(300))
    return Recording.objects.create(attempt=attempt, **columns)


def make_segment(recording: Recording | None = None, **columns: object) -> Segment:
    columns.setdefault("uuid", uuid4())
    columns.setdefault("mime", MIME)
    columns.setdefault("lease_epoch", 1)
    columns.setdefault("started_ms", STARTED_MS)
    columns.setdefault("opened_at", START)
    return Segment.objects.create(recording=recording or make_recording(), **columns)


def make_chunk(segment: Segment | None = None, **columns: object) -> Chunk:
    """A ledger row without bytes on disk, for whoever needs the row only."""
    segment = segment or make_segment()
    columns.setdefault("seq", 0)
    columns.setdefault("size", 1)
    columns.setdefault("digest", "0" * 64)
    columns.setdefault("head", "0" * 64)
    columns.setdefault("offset", 0)
    columns.setdefault("start_ms", 1000 * int(columns["seq"]))
    columns.setdefault("duration_ms", 1000)
    columns.setdefault("lease_epoch", 1)
    columns.setdefault("received_at", START)
    return Chunk.objects.create(segment=segment, **columns)


@dataclass(frozen=True)
class Slice:
    """One chunk as the browser holds it, with its request headers."""

    seq: int
    body: bytes
    headers: dict[str, str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @property
    def head(self) -> str:
        return self.headers["kaowu-chain"]


@dataclass
class Take:
    """One segment as the recorder makes it: `record(bytes)` adds the next slice."""

    uuid: UUID = field(default_factory=uuid4)
    mime: str = MIME
    device: str = "Fake camera"
    reason: str = "start"
    started_ms: int = STARTED_MS
    slices: list[Slice] = field(default_factory=list)

    @property
    def header(self) -> str:
        text = json.dumps(
            {
                "device": self.device,
                "mime": self.mime,
                "reason": self.reason,
                "started_ms": self.started_ms,
            },
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    @property
    def head(self) -> str:
        if self.slices:
            return self.slices[-1].head
        start = b"kaowu/segment/1" + self.uuid.bytes + self.mime.encode()
        return hashlib.sha256(start).hexdigest()

    @property
    def content(self) -> bytes:
        return b"".join(one.body for one in self.slices)

    def record(self, *bodies: bytes, duration_ms: int = 1000) -> "Take":
        for body in bodies:
            seq = len(self.slices)
            digest = hashlib.sha256(body).digest()
            start_ms = seq * duration_ms
            link = struct.pack(">I", seq) + digest
            link += struct.pack(">QI", start_ms, duration_ms)
            head = hashlib.sha256(bytes.fromhex(self.head) + link).hexdigest()
            headers = {
                "content-length": str(len(body)),
                "content-digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
                "kaowu-span": f"{start_ms},{duration_ms}",
                "kaowu-chain": head,
                "kaowu-segment": self.header,
            }
            self.slices.append(Slice(seq, body, headers))
        return self

    def statement(self) -> dict[str, object]:
        """Return what the client states of this segment when it seals."""
        return {
            "uuid": str(self.uuid),
            "mime": self.mime,
            "count": len(self.slices),
            "head": self.head,
        }


def read_back(store: LocalChunkStore, uuid: UUID) -> bytes:
    """The bytes of a segment as they are stored, chunk after chunk."""
    segment = Segment.objects.select_related("recording").get(uuid=uuid)
    return b"".join(
        store.read(segment, chunk) for chunk in segment.chunks.order_by("seq")
    )
