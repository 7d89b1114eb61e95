"""The newest small picture of each stream, for whoever watches.

Owns the files under `RECORDINGS_ROOT/thumbnails/<attempt code>/`. A picture is no
evidence: it is replaced by the next one and lost without harm, so nothing is synced.
"""

import io
import os
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from PIL import Image, UnidentifiedImageError

from candidates.domain.photos import BadPhoto, PhotoTooLarge
from candidates.enums import Stream
from exams.kernel.clock import milliseconds
from exams.kernel.errors import BadInput
from exams.models import Attempt

MAX_BYTES = 64 * 1024
MAX_SIDE = 640


def store_thumbnail(attempt: Attempt, stream: str, jpeg: bytes, *, at: datetime) -> int:
    """Keep the picture in place of the last one; return its version, `at` in ms.

    Raises `BadInput` for an unknown stream, `PhotoTooLarge` above 64 KiB or 640
    pixels, `BadPhoto` for anything but a JPEG.
    """
    if stream not in Stream.values:
        raise BadInput(reason="stream")
    if len(jpeg) > MAX_BYTES:
        raise PhotoTooLarge(max_bytes=MAX_BYTES)
    _check(jpeg)
    path = _path(attempt.code, stream)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = path.with_name(f".{uuid4().hex}")
    work.write_bytes(jpeg)
    version = milliseconds(at)
    os.utime(work, ns=(version * 10**6, version * 10**6))
    work.replace(path)
    return version


def read_thumbnail(attempt_code: str, stream: str) -> bytes | None:
    """Return the newest picture, None where there is none."""
    try:
        return _path(attempt_code, stream).read_bytes()
    except FileNotFoundError:
        return None


def thumbnail_version(attempt_code: str, stream: str) -> int | None:
    """Return the version of the newest picture: when it came, in epoch ms."""
    try:
        return _path(attempt_code, stream).stat().st_mtime_ns // 10**6
    except FileNotFoundError:
        return None


def forget_thumbnail(attempt_code: str, stream: str) -> None:
    """Remove the newest picture, where there is one."""
    _path(attempt_code, stream).unlink(missing_ok=True)


def _path(attempt_code: str, stream: str) -> Path:
    root = Path(settings.RECORDINGS_ROOT) / "thumbnails"
    return root / attempt_code / f"{stream}.jpg"


def _check(jpeg: bytes) -> None:
    """Read the header only: whoever watches decodes it in a browser's sandbox."""
    try:
        image = Image.open(io.BytesIO(jpeg), formats=["JPEG"])
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise BadPhoto from None
    if max(image.size) > MAX_SIDE:
        raise PhotoTooLarge(max_pixels=MAX_SIDE**2)
