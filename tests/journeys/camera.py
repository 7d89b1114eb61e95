"""A camera fed from a file, whose person turns the head when the page asks.

Chromium reads the film from the disk picture by picture and begins again at its end,
so what is written into it while it plays is what the camera sees next. With the real
comparison installed the pictures are portraits; elsewhere bars that the fake back end
reads.
"""

import io
from pathlib import Path

from PIL import Image, ImageOps

from candidates.backends.faces.fake import marked
from tests.builders.faces import ME, NOSES
from tests.needs import FACES, faces_missing

SIZE = (320, 240)
PICTURES, FPS = 5, 10
HEADER = f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F{FPS}:1 Ip A1:1 C420jpeg\n".encode()
BACKEND = "fake" if faces_missing() else "dlib"


class TurningCamera:
    """The film at `path`; `show(pose)` turns the head left, centre or right."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.poses = {pose: _planes(picture_of(pose)) for pose in NOSES}
        path.write_bytes(HEADER)
        with path.open("ab") as film:
            film.write((b"FRAME\n" + self.poses["centre"]) * PICTURES)

    def show(self, pose: str) -> None:
        with self.path.open("r+b") as film:
            film.seek(len(HEADER))
            film.write((b"FRAME\n" + self.poses[pose]) * PICTURES)


def picture_of(pose: str) -> Image.Image:
    """Return the candidate as the camera sees them."""
    if BACKEND == "fake":
        return Image.open(io.BytesIO(marked(ME, nose=NOSES[pose], width=SIZE[0])))
    name = "obama.jpg" if pose == "centre" else "obama2.jpg"
    portrait = Image.open(FACES / name).convert("RGB")
    return ImageOps.mirror(portrait) if pose == "left" else portrait


def roster_photo() -> bytes:
    """Return the photo that came with the application."""
    buffer = io.BytesIO()
    picture_of("right").convert("RGB").save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _planes(picture: Image.Image) -> bytes:
    """Return brightness in full and both colours at half the size."""
    shown = ImageOps.pad(picture.convert("RGB"), SIZE, color="grey").convert("YCbCr")
    light, blue, red = shown.split()
    half = (SIZE[0] // 2, SIZE[1] // 2)
    return b"".join([light.tobytes(), *(c.resize(half).tobytes() for c in (blue, red))])
