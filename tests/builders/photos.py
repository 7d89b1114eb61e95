"""Archives of portraits, honest and hostile."""

import io

from PIL import Image

from tests.builders.pictures import small_jpeg
from tests.builders.workbooks import make_zip


def picture(kind: str = "JPEG", size=(200, 260), colour=(120, 90, 60), **more) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind, **more)
    return buffer.getvalue()


def make_photos(*names: str) -> bytes:
    return make_zip(
        {name: small_jpeg((10 * n, 90, 90)) for n, name in enumerate(names)}
    )


def animated(kind: str) -> bytes:
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (150, 150), (n * 20, 0, 0)) for n in range(8)]
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
    return buffer.getvalue()
