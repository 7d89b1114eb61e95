"""What an archive made: its folder, the pictures of a film, its problems."""

from pathlib import Path

import av
from django.conf import settings

from candidates.models import Manifest
from candidates.simulation.media import read_counter


def root() -> Path:
    return Path(settings.RECORDINGS_ROOT)


def counters_in(path: Path) -> list[int | None]:
    with av.open(str(path)) as film:
        return [read_counter(frame) for frame in film.decode(video=0)]


def kinds(manifest: Manifest) -> list[tuple[str, list]]:
    return [(p["kind"], p["ranges"]) for p in manifest.body["problems"]]
