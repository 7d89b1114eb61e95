"""Faces for tests and journeys: five grey bars say what a real back end would see.

From left to right, each bar's grey (0 to 255) is: who it is (255 apart is a distance
of 1), where the nose stands between the eyes, how many faces there are (times 50), the
light, and the sharpness. Bars survive encoding and cameras. Refused in production.
"""

import io

from PIL import Image, ImageDraw, ImageStat

from candidates.backends.faces.base import Embedding, Face, FaceReport, distance

BARS = 5
PER_FACE = 50


class FakeFaces:
    name = "fake"
    version = "1"
    available = True

    def analyse(self, image: bytes) -> FaceReport:
        picture = Image.open(io.BytesIO(image)).convert("L")
        who, nose, count, light, sharpness = _greys(picture)
        faces = tuple(
            _face(picture.width, nose / 255) for _ in range(round(count / PER_FACE))
        )
        embedding = (who / 255, 0.0) if len(faces) == 1 else None
        return FaceReport(faces, light, sharpness, embedding)

    def compare(self, one: Embedding, other: Embedding) -> float:
        return distance(one, other)


def marked(
    who: float,
    *,
    nose: float = 0.5,
    count: int = 1,
    light: int = 130,
    sharpness: int = 250,
    width: int = 320,
) -> bytes:
    """Return the PNG in which this back end sees all that."""
    greys = (round(who * 255), round(nose * 255), count * PER_FACE, light, sharpness)
    image = Image.new("L", (width, max(120, width * 3 // 4)))
    draw = ImageDraw.Draw(image)
    for number, grey in enumerate(greys):
        left, right = (width * edge // BARS for edge in (number, number + 1))
        draw.rectangle((left, 0, right, image.height), fill=grey)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _greys(picture: Image.Image) -> list[float]:
    step = picture.width / BARS
    boxes = [
        (round((bar + 0.3) * step), 0, round((bar + 0.7) * step), picture.height)
        for bar in range(BARS)
    ]
    return [ImageStat.Stat(picture.crop(box)).mean[0] for box in boxes]


def _face(width: int, nose: float) -> Face:
    """A face half as wide as the picture, with level eyes."""
    left, size = width / 4, width / 2
    eyes = tuple((left + size * part, 0.0) for part in (0.9, 0.7, 0.1, 0.3))
    middle = left + size * (0.2 + 0.6 * nose)
    box = (round(left), 0, round(left + size), round(size))
    return Face(*box, 2.0, (*eyes, (middle, size / 2)))
