"""The archived films of an attempt on one clock, for the officials' player."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from candidates.models import Manifest, Recording
from candidates.queries.archive import newest_manifests
from exams.kernel.clock import milliseconds
from exams.kernel.errors import NotFound
from exams.models import Attempt
from exams.queries.retention import erased_words
from proctoring.models import Incident
from proctoring.queries.incidents import tone_of

ICONS = {"camera": "camera", "screen": "screen", "companion": "phone"}
# The track is drawn on this many units, after a margin for the lanes' names.
LEFT, WIDTH, LANE = 100, 860, 32


@dataclass(frozen=True)
class Span:
    """A stretch of a film: `at_ms` by the clock is `from_ms` in the film."""

    at_ms: int
    from_ms: int
    to_ms: int

    @property
    def ends_ms(self) -> int:
        return self.at_ms + self.to_ms - self.from_ms


@dataclass(frozen=True)
class Film:
    number: int
    version: int
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class StreamFilms:
    """Everything playable of one stream; `digest` is its manifest's.

    `erased` says on which day the retention rule deleted it, "" when it did not.
    """

    stream: str
    title: str
    films: tuple[Film, ...]
    digest: str
    is_sealed: bool
    erased: str = ""

    @property
    def icon(self) -> str:
        return ICONS.get(self.stream, "camera")


@dataclass
class Track:
    """The timeline as geometry: lanes with what is held, and a mark per incident."""

    begins: datetime
    ends: datetime
    lanes: list[dict] = field(default_factory=list)
    marks: list[dict] = field(default_factory=list)
    clip: dict | None = None

    @property
    def height(self) -> int:
        return LANE * (len(self.lanes) + 1) + 20

    @property
    def marks_y(self) -> int:
        return LANE * len(self.lanes) + 16

    def x(self, at_ms: int) -> int:
        """Return where an instant is on the track, kept inside it."""
        begins, ends = milliseconds(self.begins), milliseconds(self.ends)
        share = (at_ms - begins) * WIDTH // max(1, ends - begins)
        return LEFT + min(max(0, share), WIDTH)


def films_of(attempt: Attempt) -> list[StreamFilms]:
    """Return the streams of the attempt with their films, camera first."""
    recordings = list(Recording.objects.filter(attempt=attempt).order_by("pk"))
    manifests = newest_manifests([row.pk for row in recordings])
    return [_stream(row, manifests.get(row.pk)) for row in recordings]


def film_file(
    attempt: Attempt, *, stream: str, version: int, number: int
) -> tuple[Path, str, str]:
    """Return file, media type and digest of one film; raises `NotFound`."""
    manifest = Manifest.objects.filter(
        recording__attempt=attempt, recording__stream=stream, version=version
    ).first()
    if manifest is None or not 1 <= number <= len(manifest.media):
        raise NotFound
    film = manifest.media[number - 1]
    root = Path(settings.RECORDINGS_ROOT).resolve()
    path = (root / film["path"]).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise NotFound
    return path, film["mime"], film["digest"]


def track_of(
    streams: list[StreamFilms],
    incidents: list[Incident],
    *,
    clip: tuple[datetime, datetime] | None,
    default: tuple[datetime, datetime],
) -> Track:
    """Return the timeline over all films, or over `default` where there are none."""
    spans = [span for one in streams for film in one.films for span in film.spans]
    begins, ends = default
    if spans:
        zone = begins.tzinfo
        begins = datetime.fromtimestamp(min(s.at_ms for s in spans) / 1000, zone)
        ends = datetime.fromtimestamp(max(s.ends_ms for s in spans) / 1000, zone)
    track = Track(begins, ends)
    for row, one in enumerate(streams):
        held = [span for film in one.films for span in film.spans]
        track.lanes.append(
            {
                "title": one.title,
                "y": LANE * row + 6,
                "text_y": LANE * row + 19,
                "held": [_bar(track, span.at_ms, span.ends_ms) for span in held],
            }
        )
    track.marks = [
        {
            "x": track.x(milliseconds(one.from_at)),
            "tone": tone_of(one),
            "at_ms": milliseconds(one.from_at),
        }
        for one in incidents
    ]
    if clip:
        track.clip = _bar(track, milliseconds(clip[0]), milliseconds(clip[1]))
    return track


def _bar(track: Track, from_ms: int, to_ms: int) -> dict:
    x = track.x(from_ms)
    return {"x": x, "width": max(2, track.x(to_ms) - x)}


def _stream(recording: Recording, manifest: Manifest | None) -> StreamFilms:
    films = []
    if manifest and not recording.erased_at:
        started = {row["uuid"]: row["started_ms"] for row in manifest.body["segments"]}
        films = [
            Film(number, manifest.version, _spans(film, started))
            for number, film in enumerate(manifest.media, start=1)
        ]
    return StreamFilms(
        stream=recording.stream,
        title=recording.get_stream_display(),
        films=tuple(films),
        digest=manifest.digest if manifest else "",
        is_sealed=recording.sealed_at is not None,
        erased=erased_words(recording.erased_at) if recording.erased_at else "",
    )


def _spans(film: dict, started: dict[str, int]) -> tuple[Span, ...]:
    begins = [row["from_ms"] for row in film["segments"]]
    ends = [*begins[1:], film["duration_ms"]]
    return tuple(
        Span(started[row["uuid"]], from_ms, to_ms)
        for row, from_ms, to_ms in zip(film["segments"], begins, ends, strict=True)
        if to_ms > from_ms
    )
