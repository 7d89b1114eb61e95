"""Where the bytes of chunks live: the local driver of the chunk store.

One file per segment, `RECORDINGS_ROOT/<recording hex>/<segment hex>.part`, only ever
appended to. The ledger row of a chunk says where its bytes are, so bytes that a
crash left behind without a row are harmless: nothing refers to them.

Several web processes may append to the same file. Each append holds `flock` on the
file from reading its end until the write is complete; the lock is the kernel's and
dies with its holder.
"""

import fcntl
import os
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings

from candidates.models import Segment
from exams.kernel.errors import Fault

APPEND = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
VECTORS = 512  # pieces a single writev may take (IOV_MAX is 1024)


class BytesMissing(Fault):
    """The ledger points at bytes that the disk does not hold."""


class Place(Protocol):
    """Where the bytes of a chunk lie in its segment's file: a ledger row, a piece."""

    @property
    def seq(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def size(self) -> int: ...


class ChunkStore(Protocol):
    """What the upload path needs of a store; nothing is durable before `sync`."""

    def append(
        self, recording: UUID, segment: UUID, pieces: Sequence[bytes]
    ) -> int: ...

    def sync(self) -> None: ...

    def abandon(self) -> None: ...

    def quarantine(
        self, recording: UUID, name: str, pieces: Sequence[bytes]
    ) -> None: ...


class LocalChunkStore:
    """Appends to local files; used by one thread at a time.

    `open_files` descriptors are kept open, the least recently used is closed first.
    """

    def __init__(self, root: Path, *, open_files: int = 256) -> None:
        self._root = root
        self._open_files = open_files
        self._descriptors: OrderedDict[Path, int] = OrderedDict()
        self._written: dict[int, Path] = {}
        self._folders: set[Path] = set()

    def path(self, recording: UUID, segment: UUID) -> Path:
        return self._root / recording.hex / f"{segment.hex}.part"

    def append(self, recording: UUID, segment: UUID, pieces: Sequence[bytes]) -> int:
        """Append the pieces and return the offset of the first byte.

        Raises `OSError`; then nothing of the pieces stays in the file.
        """
        descriptor = self._descriptor(self.path(recording, segment))
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            offset = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, pieces)
            except OSError:
                # A full disk must not keep half a chunk for every retry.
                os.ftruncate(descriptor, offset)
                raise
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        return offset

    def sync(self) -> None:
        """Make everything appended since the last call durable.

        One fdatasync per file, one fsync per folder that got a new entry.
        """
        for descriptor in self._written:
            os.fdatasync(descriptor)
        self._written.clear()
        for folder in self._folders:
            _sync_folder(folder)
        self._folders.clear()

    def abandon(self) -> None:
        """After a failed append or sync: trust no descriptor, open all files anew.

        The kernel reports a write error once only; a second fsync on the same
        descriptor could succeed without the bytes.
        """
        self._written.clear()
        while self._descriptors:
            _, descriptor = self._descriptors.popitem()
            os.close(descriptor)

    def quarantine(self, recording: UUID, name: str, pieces: Sequence[bytes]) -> None:
        """Keep bytes that contradict the ledger, durably, beside the recording."""
        folder = self._root / recording.hex / "quarantine"
        self._make(folder)
        path = folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _write_all(descriptor, pieces)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        for place in (folder, folder.parent, self._root):
            _sync_folder(place)

    def read(self, segment: Segment, chunk: Place) -> bytes:
        """Return the bytes of one chunk; raises `BytesMissing`."""
        path = self.path(segment.recording.code, segment.uuid)
        try:
            with path.open("rb") as handle:
                handle.seek(chunk.offset)
                found = handle.read(chunk.size)
        except FileNotFoundError:
            found = b""
        if len(found) != chunk.size:
            message = f"{segment.uuid}#{chunk.seq}"
            raise BytesMissing(message)
        return found

    def _descriptor(self, path: Path) -> int:
        descriptor = self._descriptors.get(path)
        if descriptor is not None and not os.fstat(descriptor).st_nlink:
            # Somebody removed the file: bytes written here would reach nobody.
            os.close(self._descriptors.pop(path))
            self._written.pop(descriptor, None)
            descriptor = None
        if descriptor is None:
            descriptor = self._open(path)
            self._descriptors[path] = descriptor
        else:
            self._descriptors.move_to_end(path)
        self._written[descriptor] = path
        return descriptor

    def _open(self, path: Path) -> int:
        self._close_idle()
        try:
            descriptor = os.open(path, APPEND)
        except FileNotFoundError:
            self._make(path.parent)
            descriptor = os.open(path, APPEND | os.O_CREAT, 0o600)
        # Also for a file that is there: who made it may have died before its fsync.
        self._folders |= {path.parent, self._root}
        return descriptor

    def _close_idle(self) -> None:
        for path, descriptor in list(self._descriptors.items()):
            if len(self._descriptors) < self._open_files:
                return
            if descriptor not in self._written:
                os.close(self._descriptors.pop(path))

    def _make(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folders.add(self._root.parent)


@cache
def _store_at(root: Path) -> LocalChunkStore:
    return LocalChunkStore(root)


def reading_store() -> LocalChunkStore:
    """Return the store for readers: archive, scrub, rescue."""
    return _store_at(settings.RECORDINGS_ROOT)


def _write_all(descriptor: int, pieces: Sequence[bytes]) -> None:
    waiting = [memoryview(piece) for piece in pieces if piece]
    while waiting:
        written = os.writev(descriptor, waiting[:VECTORS])
        while waiting and written >= len(waiting[0]):
            written -= len(waiting.pop(0))
        if written:
            waiting[0] = waiting[0][written:]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
