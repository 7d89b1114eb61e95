"""Files that are whole or absent, also after a power cut. Pure; no models."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

WORK_PREFIX = ".work-"
LOCK_NAME = ".lock"


class Busy(Exception):
    """Another process works in this folder."""


@contextmanager
def exclusive_folder(folder: Path) -> Iterator[Path]:
    """Make the folder, hold it alone, and clear what a killed holder left behind.

    The lock is the kernel's and dies with its holder. Raises `Busy` at once.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK_NAME).open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(folder.name) from None
        for leftover in folder.glob(f"{WORK_PREFIX}*"):
            leftover.unlink()
        yield folder


def produce(path: Path, make: Callable[[Path], object]) -> object:
    """Let `make` write a file under a working name, then put it in place durably.

    Returns what `make` returned; what it raises leaves nothing behind. Order: file
    fsync, rename, folder fsync.
    """
    work = path.with_name(f"{WORK_PREFIX}{path.name}")
    try:
        result = make(work)
    except BaseException:
        work.unlink(missing_ok=True)
        raise
    work.chmod(0o600)
    sync(work)
    work.replace(path)
    sync(path.parent)
    return result


def share(source: Path, target: Path) -> None:
    """Give a finished file a second name in another folder, durably.

    A hard link where the file system has one, otherwise a copy. A target that is
    there already stays.
    """
    if target.exists():
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    produce(target, lambda work: _link_or_copy(source, work))
    sync(target.parent.parent)


def sync(path: Path) -> None:
    """Fsync a file or a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _link_or_copy(source: Path, work: Path) -> None:
    work.unlink(missing_ok=True)
    try:
        os.link(source, work)
    except OSError:
        shutil.copyfile(source, work)
