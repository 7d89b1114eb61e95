"""An archive of photos: what is looked at before one picture is opened.

Pure: a file in, a list of places out. Names are only compared with ticket numbers and
never become paths; pictures are opened one at a time, and no further than their cap.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext_lazy as _

from candidates.domain.people import normalise_ticket
from exams.kernel.errors import Refusal

MAX_BYTES = 256 * 2**20
MAX_ENTRIES = 5000
MAX_UNPACKED = 512 * 2**20
MAX_RATIO = 20  # pictures are packed already
SMALL = 2**20  # below this no ratio can hurt
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
# What systems leave in archives without anybody asking.
LITTER = re.compile(
    r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE
)


class PhotosUnreadable(Refusal):
    """The archive as a whole cannot be taken; nothing of it was kept."""

    code = "photos_unreadable"
    status = 422
    message = _("This file cannot be read as a zip archive of photos.")


class PhotosTooLarge(PhotosUnreadable):
    code = "photos_too_large"
    status = 413
    message = _(
        "The archive is too large: at most %(limit)s %(unit)s. Send it in parts."
    )

    FILES = _("files")


class PhotosSuspicious(PhotosUnreadable):
    code = "photos_suspicious"
    message = _("The archive unpacks to far more than its size. It was not opened.")


class PhotosEmpty(PhotosUnreadable):
    code = "photos_empty"
    message = _("The archive has no files.")


class PhotoDamaged(Refusal):
    """One file of the archive cannot be unpacked."""

    code = "photo_damaged"
    status = 422
    message = _("The file cannot be unpacked.")


class PhotoLocked(PhotoDamaged):
    code = "photo_locked"
    message = _("The file has a password.")


class Place(NamedTuple):
    """One file: its position in the archive, its name, the ticket number it names."""

    position: int
    name: str
    ticket: str


def list_photos(archive: BinaryIO) -> list[Place]:
    """Return the files of the archive; raises a `PhotosUnreadable` by its directory."""
    size = archive.seek(0, 2)
    if size > MAX_BYTES:
        raise PhotosTooLarge(limit=MAX_BYTES // 2**20, unit="MB")
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError) as error:
        raise PhotosUnreadable from error
    except (NotImplementedError, UnicodeError, RuntimeError, EOFError) as error:
        raise PhotosUnreadable from error
    if len(entries) > MAX_ENTRIES:
        raise PhotosTooLarge(limit=MAX_ENTRIES, unit=PhotosTooLarge.FILES)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise PhotosTooLarge(limit=MAX_UNPACKED // 2**20, unit="MB")
    if unpacked > MAX_RATIO * max(size, SMALL):
        raise PhotosSuspicious
    places = list(_places(entries))
    if not places:
        raise PhotosEmpty
    return places


def read_photo(archive: zipfile.ZipFile, position: int, *, max_bytes: int) -> bytes:
    """Return the bytes of one file, one byte more than `max_bytes` at the most.

    Raises a `PhotoDamaged` for one that does not unpack to what it states.
    """
    entry = archive.infolist()[position]
    if entry.flag_bits & ENCRYPTED:
        raise PhotoLocked
    if entry.compress_type not in METHODS:
        raise PhotoDamaged
    # What it says of its size is not believed.
    probe = copy(entry)
    probe.file_size = max(entry.file_size, max_bytes) + 1
    try:
        with archive.open(probe) as file:
            return file.read(max_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as error:
        raise PhotoDamaged from error
    except (NotImplementedError, RuntimeError, KeyError) as error:
        raise PhotoDamaged from error


def _places(entries: list[zipfile.ZipInfo]) -> Iterator[Place]:
    for position, entry in enumerate(entries):
        name = entry.filename.replace("\\", "/")
        if entry.is_dir() or LITTER.search(name):
            continue
        base = name.rpartition("/")[2]
        shown = "".join(c if c.isprintable() else "·" for c in base)
        yield Place(position, shown[-200:], normalise_ticket(base.rpartition(".")[0]))
