"""What a passage must have left behind: the bytes, and the film's own counter."""

import hashlib
import json
import sqlite3
import uuid
from pathlib import Path

import psycopg

from tests.journeys.browser import Captured
from tests.journeys.media_checks import counters_of, largest_jump, steps_of
from tests.journeys.portal import Portal

FILM_SECONDS, FILM_FPS = 150, 10


# Which rows belong to the attempt whose code is the first argument.
OF_ATTEMPT = "r.attempt_id = (SELECT id FROM exams_attempt WHERE code = ?)"


class Ledger:
    """What database and media folder hold of one attempt, read from outside."""

    def __init__(self, portal: Portal, attempt: str) -> None:
        self.attempt = attempt
        self.root = portal.folder / "recordings"
        self.marker = "%s" if portal.database else "?"
        if portal.database:
            self.database = psycopg.connect(portal.database, autocommit=True)
        else:
            uri = f"file:{portal.folder / 'kaowu.sqlite3'}?mode=ro"
            self.database = sqlite3.connect(uri, uri=True)

    def rows(self, sql: str, *args: object) -> list[tuple]:
        """Return the rows of a statement whose arguments are marked `?`."""
        return self.database.execute(sql.replace("?", self.marker), args).fetchall()

    def segments(self, stream: str) -> list[list[str]]:
        """Return, per segment in order of time, the digests of the stored bytes."""
        found = []
        for name, recording in self.rows(
            "SELECT s.uuid, r.code FROM candidates_segment s JOIN candidates_recording r "
            f"ON r.id = s.recording_id WHERE {OF_ATTEMPT} AND r.stream = ? "
            "ORDER BY s.started_ms, s.id",
            self.attempt,
            stream,
        ):
            folder = self.root / uuid.UUID(str(recording)).hex
            (path,) = folder.glob(f"{uuid.UUID(str(name)).hex}*.part")
            data = path.read_bytes()
            digests = []
            for seq, offset, size, digest, *_ in self.chunks(name):
                assert seq == len(digests)
                actual = hashlib.sha256(data[offset : offset + size]).hexdigest()
                assert actual == digest
                digests.append(actual)
            found.append(digests)
        return found

    def manifests(self) -> int:
        """Return how many archived versions the attempt's recordings have."""
        ((count,),) = self.rows(
            "SELECT COUNT(*) FROM candidates_manifest m JOIN candidates_recording r "
            f"ON r.id = m.recording_id WHERE {OF_ATTEMPT}",
            self.attempt,
        )
        return count

    def chunks(self, segment: object) -> list[tuple | list]:
        """Return the segment's ledger rows: from the table, or where they folded."""
        rows = self.rows(
            'SELECT seq, "offset", size, digest FROM candidates_chunk c JOIN '
            "candidates_segment s ON s.id = c.segment_id WHERE s.uuid = ? ORDER BY seq",
            segment,
        )
        folded = self.rows(
            "SELECT m.path FROM candidates_manifest m JOIN candidates_recording r ON "
            "r.id = m.recording_id JOIN candidates_segment s ON s.recording_id = r.id "
            "WHERE s.uuid = ? AND r.folded ORDER BY m.version DESC",
            segment,
        )
        if not folded:
            return rows
        assert rows == [], "rows in the table and in the manifest"
        manifest = json.loads((self.root / folded[0][0]).read_bytes())
        return manifest["chunks"].get(str(uuid.UUID(str(segment))), [])

    def witnessed(self, stream: str) -> list[int]:
        """Return how far the heartbeats told of each segment, in order of time."""
        found = self.rows(
            "SELECT s.witnessed_count FROM candidates_segment s JOIN "
            f"candidates_recording r ON r.id = s.recording_id WHERE {OF_ATTEMPT} "
            "AND r.stream = ? ORDER BY s.started_ms, s.id",
            self.attempt,
            stream,
        )
        return [count or 0 for (count,) in found]

    def films(self, stream: str) -> list[tuple[Path, list[int]]]:
        """Return each playable file and where in it a segment begins (ms)."""
        ((media,),) = self.rows(
            "SELECT m.media FROM candidates_manifest m JOIN candidates_recording r "
            f"ON r.id = m.recording_id WHERE {OF_ATTEMPT} AND r.stream = ?",
            self.attempt,
            stream,
        )
        return [
            (self.root / film["path"], [row["from_ms"] for row in film["segments"]])
            for film in parsed(media)
        ]


def parsed(column: object) -> object:
    """Return a JSON column: one engine gives text, the other what it means."""
    return json.loads(column) if isinstance(column, str) else column


def check_archive(ledger: Ledger, captured: Captured, *, least_segments: int) -> None:
    """Archived = captured, byte for byte; a killed tab may cost its last slice."""
    for stream in ("camera", "screen"):
        archived = ledger.segments(stream)
        runs = [run for run in captured.runs(stream) if run]
        assert len(archived) >= least_segments, f"{stream}: {len(archived)} segments"
        kept = [digest for segment in archived for digest in segment]
        made = [digest for run in runs for digest in run]
        lost = [digest for digest in made if digest not in set(kept)]
        assert set(kept) <= set(made), f"{stream}: bytes that no recorder made"
        assert kept == [digest for digest in made if digest not in set(lost)]
        assert len(lost) <= 1, f"{stream}: {len(lost)} slices lost"
        killed = [run for run in runs if set(run) & set(lost)]
        assert all(run[-1] in lost for run in killed)


def check_film(films: list[tuple[Path, list[int]]], *, least_segments: int) -> None:
    """The camera's own counter rises, and jumps by more than half a second only
    where a new segment begins: there the manifest names a gap."""
    segments = 0
    for film, begins in films:
        counters = counters_of(film)
        edges = [*begins[1:], float("inf")]
        for begin, end in zip(begins, edges, strict=True):
            part = [row for row in counters if begin <= row[0] < end]
            assert len(part) > FILM_FPS, f"{film}: {len(part)} counted frames"
            jump = largest_jump(part, loop=FILM_SECONDS * FILM_FPS)
            assert jump <= FILM_FPS // 2, f"{film}: a hole of {jump} pictures"
            seconds = (part[-1][0] - part[0][0]) / 1000
            passed = sum(steps_of(part, loop=FILM_SECONDS * FILM_FPS))
            pace = passed / seconds
            assert FILM_FPS * 0.7 < pace < FILM_FPS * 1.3, f"{pace} pictures a second"
            segments += 1
    assert segments >= least_segments
