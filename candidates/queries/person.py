"""What this floor holds of one person, for their export. Reads only."""

from candidates.models import (
    Candidate,
    CheckIn,
    CheckInPhoto,
    Companion,
    DeviceLease,
    DocumentRead,
    FaceCheck,
    InboxItem,
    Manifest,
    Observation,
    Presence,
    Recipient,
    Recording,
    StagePassage,
    Ticket,
)
from candidates.queries.retention import files_of, folder_of
from candidates.queries.roster import masked
from exams.queries.history import Attempts
from exams.queries.person import Told, told

PRIVATE = ("id_number", "phone", "email")


def of_person(candidate: Candidate, attempts: Attempts, *, clear: bool) -> Told:
    """Return the roster row and everything of the attempts but secrets and bytes.

    ID number, phone and e-mail are masked unless `clear`. What was computed from a face
    is never given out; whether it is kept is said.
    """
    own = {"attempt__in": attempts}
    return {
        "candidate": [_roster_row(candidate, clear=clear)],
        "computers": told(
            DeviceLease.objects.filter(**own),
            *("attempt__code", "device", "address", "level", "state", "created_at"),
        ),
        "phones": told(
            Companion.objects.filter(**own),
            *("attempt__code", "device", "address", "state", "bound_at", "ended_at"),
            "facts",
        ),
        "check_ins": told(
            CheckIn.objects.filter(**own),
            *("attempt__code", "state", "consent_version", "consented_at"),
            *("decided_at", "reason", "erased_at"),
        ),
        "face_checks": _face_checks(own),
        "stages": told(
            StagePassage.objects.filter(**own), "attempt__code", "stage", "at", "facts"
        ),
        "documents_read": told(
            DocumentRead.objects.filter(**own), "attempt__code", "document__title", "at"
        ),
        "observations": told(
            Observation.objects.filter(**own),
            *("attempt__code", "stream", "kind", "from_at", "to_at", "facts"),
            "erased_at",
        ),
        "presence": told(
            Presence.objects.filter(**own), "attempt__code", "at", "facts"
        ),
        "inbox": told(
            InboxItem.objects.filter(**own),
            *("attempt__code", "kind", "title", "body", "created_at", "read_at"),
            *("acknowledged_at", "erased_at"),
        ),
        "letters": told(
            Recipient.objects.filter(enrolment__candidate=candidate),
            *("mailing__subject", "mailing__body", "state", "ended_at"),
        ),
        "recordings": told(
            Recording.objects.filter(**own),
            *("attempt__code", "code", "stream", "state", "sealed_at", "complete"),
            "erased_at",
        ),
        "manifests": told(
            Manifest.objects.filter(recording__attempt__in=attempts),
            *("recording__code", "version", "digest", "created_at"),
        ),
    }


def files_of_person(candidate: Candidate, attempts: Attempts) -> list[dict]:
    """Return which files are held: what each is, its name on the disk, its size."""
    found = []
    if candidate.photo:
        found.append(_file("roster photo", candidate.photo))
    photos = CheckInPhoto.objects.filter(
        check_in__attempt__in=attempts, check_in__erased_at=None
    )
    found += [_file("check-in photo", row.image, row.digest) for row in photos]
    tickets = Ticket.objects.filter(
        enrolment__candidate=candidate, batch__has_files=True
    )
    found += [
        {"what": "admission ticket", "name": row.path, "bytes": None, "digest": ""}
        for row in tickets.exclude(path="")
    ]
    for row in Recording.objects.filter(attempt__in=attempts).order_by("pk"):
        root = folder_of(row).parent
        found += [
            {
                "what": f"recording {row.stream}",
                "name": path.relative_to(root).as_posix(),
                "bytes": path.stat().st_size,
                "digest": "",
            }
            for path in sorted(files_of(row, manifests=set()))
        ]
    return found


def _roster_row(candidate: Candidate, *, clear: bool) -> dict:
    private = {name: getattr(candidate, name) for name in PRIVATE}
    if not clear:
        private = {name: masked(name, text) for name, text in private.items()}
    return {
        "ticket_number": candidate.ticket_number,
        "name": candidate.name,
        "post": candidate.post,
        "origin": candidate.origin,
        "photo_erased_at": candidate.photo_erased_at,
        **private,
    }


def _face_checks(own: dict) -> list[dict]:
    rows = FaceCheck.objects.filter(**own)
    kept = set(rows.exclude(embedding="").values_list("code", flat=True))
    columns = ("attempt__code", "code", "state", "issued_at", "decided_at")
    more = ("backend", "version", "thresholds", "distances", "reasons", "erased_at")
    return [
        {**row, "face_data_kept": row["code"] in kept}
        for row in told(rows, *columns, *more)
    ]


def _file(what: str, file, digest: str = "") -> dict:
    there = file.storage.exists(file.name)
    size = file.size if there else None
    return {"what": what, "name": file.name, "bytes": size, "digest": digest}
