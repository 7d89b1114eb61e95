"""Is what we hold of a segment what the browser recorded? Pure; writes nothing.

Owns the comparison of bytes, digests, chain and count, for the archive job and for
whoever checks an exported bundle. Reads bytes through a callable; knows no row.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import SEEK_CUR, SEEK_END, SEEK_SET, RawIOBase
from itertools import accumulate
from uuid import UUID

from candidates.backends.manifest_file import Piece
from candidates.domain import chain
from candidates.queries.ledger import missing_of, ranges_of
from exams.kernel import canonical, faults


class BytesGone(Exception):
    """The bytes of a piece are not where the ledger says."""


@dataclass(frozen=True)
class Run:
    """One segment, its pieces in order of `seq`, and what the browser said of it.

    Twice: at sealing (`stated`) and in its heartbeats (`witnessed`).
    """

    uuid: UUID
    mime: str
    reason: str
    started_ms: int
    stated_count: int | None
    stated_head: str
    witnessed_count: int | None
    witnessed_head: str
    pieces: tuple[Piece, ...] = field(repr=False)

    @property
    def size(self) -> int:
        return sum(piece.size for piece in self.pieces)

    @property
    def ranges(self) -> list[list[int]]:
        return ranges_of(piece.seq for piece in self.pieces)

    @property
    def least_count(self) -> int:
        """How many pieces there must be: as said, and no hole below what came."""
        held = self.pieces[-1].seq + 1 if self.pieces else 0
        return max(self.stated_count or 0, self.witnessed_count or 0, held)

    @property
    def told_heads(self) -> tuple[tuple[int | None, str], ...]:
        """What the browser said of the chain: `(count, head)`."""
        return (
            (self.stated_count, self.stated_head),
            (self.witnessed_count, self.witnessed_head),
        )

    @property
    def head(self) -> str:
        return self.pieces[-1].head if self.pieces else ""

    @property
    def span_ms(self) -> int:
        return max((p.start_ms + p.duration_ms for p in self.pieces), default=0)


Read = Callable[[Piece], bytes]


def problems_of(run: Run, *, read: Read) -> list[dict]:
    """Return what is wrong with one segment, named; an empty list when all fits.

    Each problem is `{"kind", "segment", "ranges"}` with closed ranges of `seq`;
    kinds are `missing`, `bytes_gone`, `hash_mismatch` and `chain_break`. Every byte
    is read again.
    """
    gone, wrong = [], []
    for piece in run.pieces:
        try:
            found = read(piece)
        except BytesGone:
            gone.append(piece.seq)
            continue
        if faults.sabotaged("skip_rehash"):
            continue
        if hashlib.sha256(found).hexdigest() != piece.digest:
            wrong.append(piece.seq)
    named = {
        "missing": missing_of(run.ranges, stated_count=run.least_count),
        "bytes_gone": ranges_of(gone),
        "hash_mismatch": ranges_of(wrong),
        "chain_break": ranges_of(_breaks(run)),
    }
    return [
        {"kind": kind, "segment": str(run.uuid), "ranges": found}
        for kind, found in named.items()
        if found
    ]


def source_digest(runs: Sequence[Run]) -> str:
    """Return one digest over all that was held: segments, numbers and digests."""
    rows = [
        [str(run.uuid), run.mime, [[piece.seq, piece.digest] for piece in run.pieces]]
        for run in runs
    ]
    return hashlib.sha256(canonical.encode(rows)).hexdigest()


class SegmentBytes(RawIOBase):
    """A segment as one seekable file, without a copy of it.

    Pieces whose bytes are gone are left out, as after a lost chunk.
    """

    def __init__(self, run: Run, *, read: Read) -> None:
        super().__init__()
        self._pieces = run.pieces
        self._read_piece = read
        self._ends = list(accumulate(piece.size for piece in run.pieces))
        self._place = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        size = self._ends[-1] if self._ends else 0
        base = {SEEK_SET: 0, SEEK_CUR: self._place, SEEK_END: size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: memoryview) -> int:
        index = bisect_right(self._ends, self._place)
        if index == len(self._ends):
            return 0
        begin = self._ends[index] - self._pieces[index].size
        found = self._bytes_of(index)[self._place - begin :][: len(buffer)]
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)

    def _bytes_of(self, index: int) -> bytes:
        if self._held[0] != index:
            self._held = (index, self._read_piece(self._pieces[index]))
        return self._held[1]


def readable_part(run: Run, *, problems: Sequence[dict]) -> Run:
    """Return the run without the pieces whose bytes are gone."""
    gone = {
        seq
        for problem in problems
        if problem["kind"] == "bytes_gone" and problem["segment"] == str(run.uuid)
        for first, last in problem["ranges"]
        for seq in range(first, last + 1)
    }
    kept = tuple(piece for piece in run.pieces if piece.seq not in gone)
    return Run(**{**vars(run), "pieces": kept})


def _breaks(run: Run) -> list[int]:
    """The numbers whose chain value does not follow from the piece before.

    After a missing piece there is nothing to compare with; the piece after it is
    believed and the chain goes on from there.
    """
    broken = []
    before: Piece | None = None
    for piece in run.pieces:
        previous = None
        if piece.seq == 0:
            previous = chain.genesis(run.uuid, mime=run.mime)
        elif before is not None and before.seq == piece.seq - 1:
            previous = before.head
        if previous is not None and piece.head != chain.link(
            previous,
            seq=piece.seq,
            digest=piece.digest,
            start_ms=piece.start_ms,
            duration_ms=piece.duration_ms,
        ):
            broken.append(piece.seq)
        before = piece
        broken += [
            piece.seq
            for count, head in run.told_heads
            if piece.seq + 1 == count and head not in ("", piece.head)
        ]
    return sorted(set(broken))
