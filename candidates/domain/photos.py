"""Check-in photos: what was sent becomes one clean JPEG, or a refusal.

Pure bytes work. A picture is judged by what it decodes to, never by its name or the
type that the browser states; it is encoded anew, so that nothing but pixels is kept:
no place, no device, no hidden second file.
"""

import io
import warnings

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from exams.kernel.errors import Refusal

FORMATS = ("JPEG", "PNG")
MAX_PIXELS = 25_000_000
MIN_SIDE = 120
LONG_SIDE = 2000
QUALITY = 90


class BadPhoto(Refusal):
    """Not a picture that a person could look at."""

    code = "bad_photo"
    status = 422
    message = _("A photo cannot be used. Take it again with the camera.")


class PhotoTooLarge(Refusal):
    code = "photo_too_large"
    status = 413
    message = _("A photo is too large. Take it again with the camera.")


def clean_photo(raw: bytes, *, max_bytes: int) -> bytes:
    """Return the picture as JPEG, upright, at most 2000 pixels on the long side.

    Raises `PhotoTooLarge` (bytes, or pixels before anything is decoded) or
    `BadPhoto` (another type, damaged, or too small to see a face).
    """
    if len(raw) > max_bytes:
        raise PhotoTooLarge(max_bytes=max_bytes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw), formats=FORMATS)
            # The header states the size; a bomb is refused before it is unpacked.
            if image.width * image.height > MAX_PIXELS:
                raise PhotoTooLarge(max_pixels=MAX_PIXELS)
            return _encode(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoTooLarge(max_pixels=MAX_PIXELS) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        # Pillow's decoders raise each of these for damaged input.
        raise BadPhoto from None


def _encode(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image).convert("RGB")
    if min(upright.size) < MIN_SIDE:
        raise BadPhoto
    upright.thumbnail((LONG_SIDE, LONG_SIDE))
    buffer = io.BytesIO()
    upright.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
