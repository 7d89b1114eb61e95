"""From held bytes to evidence: the archive of one recording.

Owns `Manifest`, the files under `RECORDINGS_ROOT/<recording>/archive/` and the move
of a sealed recording to `verified` or `needs_review`. Never changes or deletes the
segments' own files. A mock's recordings are archived like any other, so that its
outcome is true of the whole way, and never become an exhibit. Files are made durable
first, then one short transaction tells of them; a job that dies anywhere is simply run
again and writes the same bytes (F-24). A gap between segments is named and no fault
(design §6).
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from candidates.backends import durable
from candidates.backends.chunk_store import BytesMissing, reading_store
from candidates.backends.manifest_file import Piece
from candidates.domain import films
from candidates.domain.evidence import (
    BytesGone,
    Read,
    Run,
    problems_of,
    source_digest,
)
from candidates.domain.folding import fold
from candidates.domain.recordings import advance
from candidates.enums import RecordingState, Stream
from candidates.models import Chunk, Manifest, Recording
from candidates.queries.archive import newest_manifest
from candidates.queries.ledger import gaps_between, pieces_in_table
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor
from exams.domain.exhibits import Part, create_exhibit
from exams.enums import SessionKind
from exams.kernel import canonical, clock, faults, keys
from exams.kernel.errors import Conflict, IllegalMove, Refusal
from exams.models import Attempt

MANIFEST_KIND = "manifest/1"


class RecordingErased(Refusal):
    """The bytes are deleted by the retention rule; the manifests are what is left."""

    code = "recording_erased"
    message = _("This recording was deleted by the retention rule.")


def archive_recording(recording: Recording, *, at: datetime) -> Manifest | None:
    """Check every byte of a sealed recording, make it playable, and say so.

    Returns the manifest; the newest one when the work is done already, None when
    the recording is not sealed. The recording ends `verified` (its browser may then
    forget its copy) or `needs_review` with named problems; a verified camera becomes
    an exhibit. Runs again after chunks that came late, which makes the next version
    of both. May run twice and in two processes: the loser raises `Conflict`.
    """
    if recording.state != RecordingState.SEALED or recording.erased_at:
        return newest_manifest(recording)
    try:
        with durable.exclusive_folder(archive_folder(recording)) as folder:
            return _archive(recording, folder=folder, at=at)
    except durable.Busy:
        raise Conflict(recording=str(recording.code)) from None


def clear_review(
    recording: Recording, *, by: Actor, at: datetime, reason: str
) -> Recording:
    """An official accepts a recording as it is, with a reason (R82, design §6).

    Only then does a camera recording with problems become an exhibit. Raises
    `ReasonMissing`, `RecordingErased`, `IllegalMove` when it does not wait for a
    person, `Conflict` when chunks came meanwhile, `ManifestUnreadable` when the archive
    is damaged.
    """
    if not reason.strip():
        raise ReasonMissing
    if recording.erased_at:
        raise RecordingErased
    if recording.state != RecordingState.NEEDS_REVIEW:
        raise IllegalMove(old=recording.state, new=RecordingState.VERIFIED)
    manifest = newest_manifest(recording)
    media = manifest.media if _is_exhibited(recording) else []
    parts = _share_with_exhibit(recording, media=media, source=manifest.body["source"])
    with transaction.atomic():
        _lock(recording)
        if newest_manifest(recording) != manifest:
            raise Conflict(recording=str(recording.code))
        _create_exhibit(recording, parts=parts, source=manifest.body["source"], at=at)
        advance(
            recording,
            to=RecordingState.VERIFIED,
            by=by,
            at=at,
            facts={"reason": reason.strip()},
            folded=True,
        )
        fold(recording, manifest)
    return recording


def archive_folder(recording: Recording) -> Path:
    """Return where the archive of a recording lies."""
    return Path(settings.RECORDINGS_ROOT) / recording.code.hex / "archive"


def exhibit_folder(recording: Recording, *, source: str) -> Path:
    """Return where the examiners' films of one archived source lie.

    The folder's name is a keyed hash: nobody without the key can tell whose it is.
    """
    secret = keys.lookup_hash(f"{recording.code}/{source}", purpose="exhibit-folder")
    return Path(settings.RECORDINGS_ROOT) / "exhibits" / str(UUID(secret[:32]))


def _archive(recording: Recording, *, folder: Path, at: datetime) -> Manifest | None:
    runs, mark = _runs_of(recording)
    readers = {run.uuid: _reader(recording, run) for run in runs}
    problems = [
        problem for run in runs for problem in problems_of(run, read=readers[run.uuid])
    ]
    if not any(run.pieces for run in runs):
        problems.append({"kind": "empty", "segment": "", "ranges": []})
    faults.reach("archive.after_read")
    source = source_digest(runs)
    made = films.make_films(
        runs, readers=readers, problems=problems, folder=folder, name=source[:16]
    )
    problems += made.problems
    faults.reach("archive.after_remux")
    summary = _summary(recording, runs=runs, problems=problems, made=made)
    manifest = _write_manifest(recording, summary, runs=runs, folder=folder)
    faults.reach("archive.after_manifest_file")
    parts = []
    if _is_exhibited(recording) and not problems:
        parts = _share_with_exhibit(recording, media=made.media, source=source)
    return _store(recording, manifest, parts=parts, mark=mark, at=at)


def _runs_of(recording: Recording) -> tuple[list[Run], dict]:
    """Read the ledger; `mark` tells later whether it grew meanwhile."""
    mark = _mark(recording)
    runs = [
        Run(
            uuid=segment.uuid,
            mime=segment.mime,
            reason=segment.reason,
            started_ms=segment.started_ms,
            stated_count=segment.stated_count,
            stated_head=segment.stated_head,
            witnessed_count=segment.witnessed_count,
            witnessed_head=segment.witnessed_head,
            pieces=pieces_in_table(segment),
        )
        for segment in recording.segments.order_by("started_ms", "uuid")
    ]
    return runs, mark


def _mark(recording: Recording) -> dict:
    return Chunk.objects.filter(segment__recording=recording).aggregate(
        count=Count("pk"), last=Max("pk")
    )


def _reader(recording: Recording, run: Run) -> Read:
    """Return what reads one piece of a segment from the chunk store."""
    segment = recording.segments.select_related("recording").get(uuid=run.uuid)
    store = reading_store()

    def read(piece: Piece) -> bytes:
        try:
            return store.read(segment, piece)
        except BytesMissing as error:
            raise BytesGone(str(error)) from error

    return read


def _summary(
    recording: Recording,
    *,
    runs: Sequence[Run],
    problems: list[dict],
    made: films.Films,
) -> dict:
    """Return the manifest without its lists of chunks."""
    entries = [_segment_entry(run) for run in runs]
    return {
        "kind": MANIFEST_KIND,
        "recording": str(recording.code),
        "attempt": recording.attempt.code,
        "stream": recording.stream,
        "sealed_ms": clock.milliseconds(recording.sealed_at),
        "complete": not any(problem["kind"] == "missing" for problem in problems),
        "source": source_digest(runs),
        "segments": entries,
        "gaps": gaps_between(entries),
        "problems": problems,
        "media": made.media,
        "contact_sheet": made.contact_sheet,
    }


def _segment_entry(run: Run) -> dict:
    return {
        "uuid": str(run.uuid),
        "mime": run.mime,
        "reason": run.reason,
        "started_ms": run.started_ms,
        "span_ms": run.span_ms,
        "stated_count": run.stated_count,
        "stated_head": run.stated_head,
        "witnessed_count": run.witnessed_count,
        "witnessed_head": run.witnessed_head,
        "count": len(run.pieces),
        "ranges": run.ranges,
        "bytes": run.size,
        "head": run.head,
        "file": f"{run.uuid.hex}.part",
    }


def _write_manifest(
    recording: Recording, summary: dict, *, runs: Sequence[Run], folder: Path
) -> Manifest:
    """Write the manifest file with every chunk in it; return the unsaved row."""
    chunks = {str(run.uuid): [list(piece) for piece in run.pieces] for run in runs}
    text = canonical.encode({**summary, "chunks": chunks})
    path = folder / f"{summary['source'][:16]}.json"
    durable.produce(path, lambda work: work.write_bytes(text))
    sheet = summary["contact_sheet"]
    return Manifest(
        recording=recording,
        body=summary,
        digest=hashlib.sha256(text).hexdigest(),
        path=_relative(path),
        media=[
            {**film, "path": _relative(folder / film["name"])}
            for film in summary["media"]
        ],
        contact_sheet=_relative(folder / sheet["name"]) if sheet else "",
    )


def _is_exhibited(recording: Recording) -> bool:
    """Examiners see the camera of a formal attempt, and nothing of a mock."""
    is_formal = recording.attempt.session.kind == SessionKind.FORMAL
    return is_formal and recording.stream == Stream.CAMERA


def _share_with_exhibit(
    recording: Recording, *, media: Sequence[dict], source: str
) -> list[Part]:
    """Give the films names that tell nothing; the same names on every run."""
    folder = exhibit_folder(recording, source=source)
    parts: list[Part] = []
    for number, film in enumerate(media, start=1):
        target = folder / f"{number}{Path(film['name']).suffix}"
        durable.share(archive_folder(recording) / film["name"], target)
        parts.append(
            {
                "path": _relative(target),
                "mime": film["mime"],
                "duration_ms": film["duration_ms"],
            }
        )
    return parts


def _store(
    recording: Recording,
    manifest: Manifest,
    *,
    parts: list[Part],
    mark: dict,
    at: datetime,
) -> Manifest:
    problems = manifest.body["problems"]
    sound = not problems
    with transaction.atomic():
        _lock(recording)
        if _mark(recording) != mark:
            # A late chunk came while we read: the next run sees all of it.
            raise Conflict(recording=str(recording.code))
        _create_exhibit(recording, parts=parts, source=manifest.body["source"], at=at)
        advance(
            recording,
            to=RecordingState.VERIFIED if sound else RecordingState.NEEDS_REVIEW,
            by=Actor.job("archive"),
            at=at,
            facts={"manifest": manifest.digest, "problems": problems},
            archive_due=False,
            complete=manifest.body["complete"],
            folded=sound,
        )
        last = recording.manifests.aggregate(last=Max("version"))["last"] or 0
        manifest.version = last + 1
        manifest.created_at = at
        manifest.save(force_insert=True)
        if sound:
            fold(recording, manifest)
    faults.reach("archive.after_commit")
    return manifest


def _lock(recording: Recording) -> None:
    """Lock in the order of everybody else: attempt, recording, audit chain."""
    Attempt.objects.select_for_update(no_key=True).get(pk=recording.attempt_id)
    Recording.objects.select_for_update(no_key=True).get(pk=recording.pk)


def _create_exhibit(
    recording: Recording, *, parts: list[Part], source: str, at: datetime
) -> None:
    if parts:
        create_exhibit(
            recording.attempt,
            parts=parts,
            source_digest=source,
            duration_ms=sum(part["duration_ms"] for part in parts),
            at=at,
        )


def _relative(path: Path) -> str:
    return path.relative_to(settings.RECORDINGS_ROOT).as_posix()
