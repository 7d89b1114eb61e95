"""A picture as small as a thumbnail may be."""

import io

from PIL import Image


def small_jpeg(colour: tuple[int, int, int] = (90, 120, 160)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(buffer, "JPEG", quality=60)
    return buffer.getvalue()
