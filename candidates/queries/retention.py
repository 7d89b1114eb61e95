"""What this floor holds whose time is over: films, faces, words, logs. Reads only."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from candidates.backends.durable import LOCK_NAME
from candidates.enums import InboxKind, Stream
from candidates.models import (
    CheckInPhoto,
    Companion,
    DeviceLease,
    Enrolment,
    FaceCheck,
    InboxItem,
    Manifest,
    Observation,
    Presence,
    Recording,
    Segment,
    StagePassage,
    TicketBatch,
)
from candidates.queries.archive import newest_manifests
from exams.enums import RetentionClass
from exams.queries.retention import Due, Reach, digest_over

FLOOR = "candidates"
STREAMS = {
    RetentionClass.CAMERA: Stream.CAMERA,
    RetentionClass.SCREEN: Stream.SCREEN,
    RetentionClass.PHONE: Stream.COMPANION,
}
# What a thing is, in front of its reference.
CHECKS, ROSTER, TICKETS, INBOX, LOGS = "checks", "roster", "tickets", "inbox", "logs"


def things_due(reach: Reach) -> list[Due]:
    """Return what of the class is due to be deleted: nothing that is gone already."""
    if reach.kind in STREAMS:
        return list(_films(reach))
    if reach.kind == RetentionClass.ID_CHECK:
        return [*_checks(reach), *_roster_photos(reach), *_tickets(reach)]
    if reach.kind == RetentionClass.CHAT:
        return list(_messages(reach))
    return list(_logs(reach))


def log_rows(attempts: Q) -> dict[str, QuerySet]:
    """Return the rows that tell devices, addresses and what was noticed.

    `attempts` narrows to attempts, with the names of `exams.Attempt` behind `attempt`.
    """
    segments = Segment.objects.exclude(device="")
    return {
        "observations": Observation.objects.filter(attempts, erased_at=None),
        "computers": DeviceLease.objects.filter(attempts).exclude(
            device="", address=""
        ),
        "phones": Companion.objects.filter(attempts).exclude(
            device="", address="", facts={}
        ),
        "presence": Presence.objects.filter(attempts),
        "stages": StagePassage.objects.filter(attempts).exclude(facts={}),
        "segments": segments.filter(
            recording__in=Recording.objects.filter(attempts).values("pk")
        ),
    }


def folder_of(recording: Recording) -> Path:
    """Return where everything of a recording lies but its exhibits."""
    return Path(settings.RECORDINGS_ROOT) / recording.code.hex


def files_of(recording: Recording, *, manifests: set[str]) -> Iterator[Path]:
    """Yield the files that are deleted: all but the manifests, named by their paths.

    The archive's lock stays: whoever waits for it holds the file.
    """
    root = Path(settings.RECORDINGS_ROOT)
    for path in folder_of(recording).rglob("*"):
        if not path.is_file() or path.name == LOCK_NAME:
            continue
        if path.relative_to(root).as_posix() not in manifests:
            yield path


def manifest_paths(recording: Recording) -> set[str]:
    """Return the paths of every version's file, relative to the media store."""
    return set(
        Manifest.objects.filter(recording=recording).values_list("path", flat=True)
    )


def _of(reach: Reach) -> Q:
    return Q(attempt__session__project=reach.project)


def _films(reach: Reach) -> Iterator[Due]:
    rows = Recording.objects.filter(
        _of(reach), stream=STREAMS[reach.kind], erased_at=None
    )
    due = [row for row in rows.order_by("pk") if row.attempt_id in reach.attempts]
    manifests = newest_manifests([row.pk for row in due])
    for row in due:
        manifest = manifests.get(row.pk)
        paths = {manifest.path} if manifest else set()
        yield Due(
            floor=FLOOR,
            kind=reach.kind,
            ref=str(row.code),
            attempt=row.attempt_id,
            size=sum(path.stat().st_size for path in files_of(row, manifests=paths)),
            digest=manifest.digest if manifest else "",
            since=reach.attempts[row.attempt_id].since,
        )


def _checks(reach: Reach) -> Iterator[Due]:
    photos: dict[int, list[CheckInPhoto]] = defaultdict(list)
    rows = CheckInPhoto.objects.filter(
        check_in__attempt__session__project=reach.project, check_in__erased_at=None
    ).select_related("check_in")
    for row in rows.order_by("pk"):
        photos[row.check_in.attempt_id].append(row)
    faces: dict[int, int] = defaultdict(int)
    kept = FaceCheck.objects.filter(_of(reach)).exclude(embedding="")
    for attempt in kept.values_list("attempt", flat=True):
        faces[attempt] += 1
    for attempt in sorted(photos.keys() | faces.keys()):
        if attempt in reach.attempts:
            digests = [row.digest for row in photos[attempt]]
            size = sum(_size(row.image.name) for row in photos[attempt])
            facts = {"photos": digests, "faces": faces[attempt]}
            yield _thing(reach, CHECKS, attempt, facts=facts, size=size)


def _roster_photos(reach: Reach) -> Iterator[Due]:
    """A photo goes with the last attempt of its person, once all of them are due."""
    attempts: dict[int, list[int]] = defaultdict(list)
    photo: dict[int, str] = {}
    rows = Enrolment.objects.filter(candidate__project=reach.project)
    told = rows.exclude(candidate__photo="").order_by("attempt")
    for candidate, attempt, name in told.values_list(
        "candidate", "attempt", "candidate__photo"
    ):
        attempts[candidate].append(attempt)
        photo[candidate] = name
    for candidate, own in attempts.items():
        if all(one in reach.attempts for one in own):
            # Held back with any of them.
            named = next((one for one in own if one in reach.held), own[-1])
            size = _size(photo[candidate])
            yield _thing(reach, ROSTER, named, facts={"photo": size}, size=size)


def _tickets(reach: Reach) -> Iterator[Due]:
    """Printed tickets show the roster photo; one making goes as a whole."""
    held = {ripe.session: pk for pk, ripe in reach.attempts.items() if pk in reach.held}
    rows = TicketBatch.objects.filter(session__in=reach.sessions, has_files=True)
    for row in rows.order_by("pk"):
        folder = Path(settings.TICKETS_ROOT) / row.code
        files = [path for path in folder.rglob("*") if path.is_file()]
        yield Due(
            floor=FLOOR,
            kind=reach.kind,
            ref=f"{TICKETS}:{row.code}",
            attempt=held.get(row.session_id),
            size=sum(path.stat().st_size for path in files),
            digest=digest_over({"tickets": row.tickets.count()}),
            since=reach.sessions[row.session_id],
        )


def _messages(reach: Reach) -> Iterator[Due]:
    rows = InboxItem.objects.filter(
        _of(reach), kind=InboxKind.MESSAGE, erased_at=None
    ).order_by("pk")
    found: dict[int, list[InboxItem]] = defaultdict(list)
    for row in rows:
        if row.attempt_id in reach.attempts:
            found[row.attempt_id].append(row)
    for attempt, own in found.items():
        size = sum(len((row.title + row.body).encode()) for row in own)
        yield _thing(reach, INBOX, attempt, facts=[row.code for row in own], size=size)


def _logs(reach: Reach) -> Iterator[Due]:
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, rows in log_rows(_of(reach)).items():
        field = "recording__attempt" if name == "segments" else "attempt"
        for attempt in rows.values_list(field, flat=True):
            counts[attempt][name] += 1
    for attempt in sorted(counts):
        if attempt in reach.attempts:
            yield _thing(reach, LOGS, attempt, facts=dict(counts[attempt]), size=0)


def _thing(reach: Reach, what: str, attempt: int, *, facts: object, size: int) -> Due:
    return Due(
        floor=FLOOR,
        kind=reach.kind,
        ref=f"{what}:{reach.attempts[attempt].code}",
        attempt=attempt,
        size=size,
        digest=digest_over(facts),
        since=reach.attempts[attempt].since,
    )


def _size(name: str) -> int:
    return default_storage.size(name) if default_storage.exists(name) else 0
