"""Checks an exported recording with nothing but its own files. Pure; reads files.

Owns the reading of a `manifest/1` file: the same comparison as in the archive job,
and the digests of films and contact sheet besides.
"""

from pathlib import Path
from uuid import UUID

from candidates.backends.manifest_file import Piece, Pieces, pieces_of
from candidates.domain.evidence import (
    BytesGone,
    Read,
    Run,
    problems_of,
    source_digest,
)
from candidates.domain.films import digest_of
from exams.kernel import canonical

KIND = "manifest/1"


def check_bundle(manifest: dict, *, text: bytes, folder: Path) -> list[dict]:
    """Return what does not fit, each `{"kind", …}`; an empty list when all does.

    `text` is the manifest file's bytes, `folder` the folder it lies in. Problems
    that the manifest itself states are found again and reported again. Raises
    `KeyError`, `TypeError` or `ValueError` when it is no manifest.
    """
    if manifest["kind"] != KIND:
        raise ValueError(manifest["kind"])
    problems: list[dict] = []
    if canonical.encode(manifest) != text:
        problems.append({"kind": "not_canonical"})
    pieces = pieces_of(manifest)
    runs = [_run_of(segment, pieces) for segment in manifest["segments"]]
    for run, segment in zip(runs, manifest["segments"], strict=True):
        file = folder.parent / Path(segment["file"]).name
        problems += problems_of(run, read=_reader(file))
        stated = [segment[key] for key in ("count", "ranges", "bytes", "head")]
        if stated != [len(run.pieces), run.ranges, run.size, run.head]:
            problems.append({"kind": "segment_totals", "segment": str(run.uuid)})
    if source_digest(runs) != manifest["source"]:
        problems.append({"kind": "source_digest"})
    sheet = [manifest["contact_sheet"]] if manifest["contact_sheet"] else []
    for entry in [*manifest["media"], *sheet]:
        path = folder / Path(entry["name"]).name
        if not path.is_file():
            problems.append({"kind": "file_missing", "name": entry["name"]})
        elif digest_of(path) != entry["digest"]:
            problems.append({"kind": "file_changed", "name": entry["name"]})
    return problems


def _run_of(segment: dict, pieces: Pieces) -> Run:
    return Run(
        uuid=UUID(segment["uuid"]),
        mime=segment["mime"],
        reason=segment["reason"],
        started_ms=segment["started_ms"],
        stated_count=segment["stated_count"],
        stated_head=segment["stated_head"],
        witnessed_count=segment["witnessed_count"],
        witnessed_head=segment["witnessed_head"],
        pieces=pieces[segment["uuid"]],
    )


def _reader(path: Path) -> Read:
    def read(piece: Piece) -> bytes:
        if not path.is_file():
            raise BytesGone(path.name)
        with path.open("rb") as handle:
            handle.seek(piece.offset)
            found = handle.read(piece.size)
        if len(found) != piece.size:
            raise BytesGone(path.name)
        return found

    return read
