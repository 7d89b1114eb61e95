"""Playable files of a recording: which segments make one film. Writes files only.

Owns the film files and the contact sheet in an archive folder. Segments of the same
shape that follow each other are joined, others begin a new film; what cannot be
decoded is named and left out, its bytes stay where they are.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from uuid import UUID

from candidates.backends import durable, media
from candidates.domain.evidence import Read, Run, SegmentBytes, readable_part

BLOCK = 2**20
JPEG_QUALITY = 70


@dataclass
class Films:
    """What was made: `media` and `contact_sheet` as they stand in the manifest."""

    media: list[dict] = field(default_factory=list)
    contact_sheet: dict | None = None
    problems: list[dict] = field(default_factory=list)


def make_films(
    runs: Sequence[Run],
    *,
    readers: Mapping[UUID, Read],
    problems: Sequence[dict],
    folder: Path,
    name: str,
) -> Films:
    """Join what can be joined, probe the result, and make the contact sheet.

    File names begin with `name`; the same input gives the same files.
    """
    made = Films()
    decodable: list[tuple[media.Shape, Run]] = []
    for run in runs:
        if not run.pieces:
            continue
        part = readable_part(run, problems=problems)
        source = SegmentBytes(part, read=readers[run.uuid])
        try:
            media.probe(source)
            decodable.append((media.shape_of(source), part))
        except media.Undecodable as error:
            made.problems.append(_undecodable(run.uuid, error))
    for _, group in groupby(decodable, key=itemgetter(0)):
        _add_film(made, list(group), readers=readers, folder=folder, name=name)
    _add_contact_sheet(made, folder=folder, name=name)
    return made


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _add_film(
    made: Films,
    group: Sequence[tuple[media.Shape, Run]],
    *,
    readers: Mapping[UUID, Read],
    folder: Path,
    name: str,
) -> None:
    shape = group[0][0]
    runs = [run for _, run in group]
    sources = [SegmentBytes(run, read=readers[run.uuid]) for run in runs]
    try:
        path = folder / f"{name}-{len(made.media) + 1}.{shape.extension}"
        starts = durable.produce(path, lambda work: media.remux(sources, work))
        facts = media.probe(path)
    except media.Undecodable as error:
        made.problems += [_undecodable(run.uuid, error) for run in runs]
        return
    segments = [
        {"uuid": str(run.uuid), "from_ms": start}
        for run, start in zip(runs, starts, strict=True)
    ]
    made.media.append(
        {
            "name": path.name,
            "mime": shape.mime,
            "bytes": path.stat().st_size,
            "digest": digest_of(path),
            **vars(facts),
            "segments": segments,
        }
    )


def _add_contact_sheet(made: Films, *, folder: Path, name: str) -> None:
    """Pictures of the longest film; a recording without pictures has no sheet."""
    pictured = [film for film in made.media if film["frames"]]
    if not pictured:
        return
    film = folder / max(pictured, key=itemgetter("duration_ms"))["name"]
    path = folder / f"{name}.jpg"
    try:
        sheet, tiles = media.contact_sheet(film)
    except media.Undecodable as error:
        made.problems.append(_undecodable("", error))
        return
    durable.produce(path, lambda work: sheet.save(work, "JPEG", quality=JPEG_QUALITY))
    made.contact_sheet = {"name": path.name, "tiles": tiles, "digest": digest_of(path)}


def _undecodable(segment: UUID | str, error: media.Undecodable) -> dict:
    return {
        "kind": "undecodable",
        "segment": str(segment),
        "ranges": [],
        "reason": str(error),
    }
