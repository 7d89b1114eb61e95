"""What examiners watch: stripped media under a code, in versions.

Owns `Exhibit`. An exhibit is made from an archived camera recording by the floor
above and never changed: bytes that arrive later make another version, and a sheet
keeps the one it scored (design §6). Knows paths inside the media store and no
person. Opening a player is audited once; byte ranges are not.
"""

import re
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TypedDict

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from exams.domain.audit import Actor, record
from exams.domain.mock_windows import require_formal
from exams.kernel import keys
from exams.kernel.errors import BadInput, NotFound
from exams.models import Attempt, Exhibit, Sheet

MIME = re.compile(r"(video|audio)/(webm|mp4)(;\s?codecs=[\w.,\"\s]+)?")
DIGEST = re.compile(r"[0-9a-f]{64}")


class Part(TypedDict):
    """One playable file: its path inside the media store, its type, its length."""

    path: str
    mime: str
    duration_ms: int


def create_exhibit(
    attempt: Attempt,
    *,
    parts: list[Part],
    source_digest: str,
    duration_ms: int,
    at: datetime,
) -> Exhibit:
    """Make the next version of the attempt's exhibit, or return the same one.

    Idempotent: the newest version with the same `source_digest` (64 hexadecimal
    digits over the verified source) is returned unchanged. `parts` play one after
    the other; every path is relative and stays inside the media store. Raises
    `BadInput`, and `NotForMocks`: nobody watches a mock.
    """
    require_formal(attempt.session)
    if not parts or not DIGEST.fullmatch(source_digest):
        raise BadInput(reason="parts, digest")
    for part in parts:
        _check_part(part)
    with transaction.atomic():
        Attempt.objects.select_for_update().get(pk=attempt.pk)
        newest = latest_exhibit(attempt)
        if newest and newest.source_digest == source_digest:
            return newest
        version = attempt.exhibits.aggregate(last=Max("version"))["last"] or 0
        exhibit = Exhibit.objects.create(
            attempt=attempt,
            version=version + 1,
            parts=[dict(part) for part in parts],
            source_digest=source_digest,
            duration_ms=duration_ms,
            created_at=at,
        )
        record(
            "exhibit.created",
            by=Actor.job("archive"),
            at=at,
            subject=f"exhibit:{exhibit.code}",
            facts={"version": exhibit.version, "source": source_digest},
            chain=attempt.session.code,
        )
    return exhibit


def latest_exhibit(attempt: Attempt) -> Exhibit | None:
    """Return the newest version of what this attempt showed, if there is any."""
    return attempt.exhibits.order_by("-version").first()


def open_player(sheet: Sheet, *, by: Actor, at: datetime) -> Exhibit:
    """Record that this examiner opened the player of the sheet's exhibit."""
    if sheet.exhibit is None:
        raise NotFound
    with transaction.atomic():
        record(
            "exhibit.opened",
            by=by,
            at=at,
            subject=f"exhibit:{sheet.exhibit.code}",
            facts={"sheet": str(sheet.code), "version": sheet.exhibit.version},
            chain=sheet.attempt.session.code,
        )
    return sheet.exhibit


def file_of(exhibit: Exhibit, number: int) -> tuple[Path, str]:
    """Return the file and the media type of one part, counted from 1.

    Raises `NotFound` for a part that is not there, and for a path that would leave
    the media store.
    """
    if not 1 <= number <= len(exhibit.parts):
        raise NotFound
    part = exhibit.parts[number - 1]
    root = Path(settings.RECORDINGS_ROOT).resolve()
    path = (root / part["path"]).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise NotFound
    return path, part["mime"]


def entity_tag(exhibit: Exhibit, number: int) -> str:
    """Return a tag that is stable and tells nothing of the file (AC: blindness)."""
    name = f"{exhibit.code}/{number}"
    return f'"{keys.lookup_hash(name, purpose="exhibit-tag")[:32]}"'


def _check_part(part: Part) -> None:
    path = PurePosixPath(part["path"])
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise BadInput(reason="path")
    if not MIME.fullmatch(part["mime"]) or part["duration_ms"] < 0:
        raise BadInput(reason="mime, duration")
