"""What every face back end says of a picture."""

from dataclasses import dataclass
from typing import Protocol

Point = tuple[float, float]
Embedding = tuple[float, ...]


@dataclass(frozen=True)
class Face:
    """One face: its box in pixels, the detector's score, and five points.

    The points are, seen in the picture, the outer and inner corner of the right eye,
    the outer and inner corner of the left eye, and the bottom of the nose.
    """

    left: int
    top: int
    right: int
    bottom: int
    score: float
    points: tuple[Point, ...]

    @property
    def size(self) -> int:
        """The shorter side of the box, pixels."""
        return min(self.right - self.left, self.bottom - self.top)

    @property
    def nose(self) -> float:
        """Where the nose stands between the eye centres, left to right: 0 to 1.

        About 0.5 when the face looks ahead; more when the person turned to their own
        left, which is the right of a picture that is not mirrored.
        """
        outer_right, inner_right, outer_left, inner_left, nose = self.points
        right, left = _middle(outer_right, inner_right), _middle(outer_left, inner_left)
        axis = (right[0] - left[0], right[1] - left[1])
        length = axis[0] ** 2 + axis[1] ** 2
        if not length:
            return 0.5
        along = (nose[0] - left[0]) * axis[0] + (nose[1] - left[1]) * axis[1]
        return along / length


@dataclass(frozen=True)
class FaceReport:
    """What was seen: `light` 0 to 255, `sharpness` a Laplacian variance.

    `embedding` is that of the only face; None when there is none, or more than one.
    It is biometric: never logged, never sent, stored only encrypted.
    """

    faces: tuple[Face, ...]
    light: float
    sharpness: float
    embedding: Embedding | None

    def __repr__(self) -> str:
        return f"<FaceReport of {len(self.faces)} faces>"


class FaceBackend(Protocol):
    """`available` is false where comparing is left to staff."""

    name: str
    version: str

    @property
    def available(self) -> bool: ...

    def analyse(self, image: bytes) -> FaceReport:
        """Look at an upright JPEG."""

    def compare(self, one: Embedding, other: Embedding) -> float:
        """Return how far two faces are apart; lower is closer."""


def distance(one: Embedding, other: Embedding) -> float:
    """Return the Euclidean distance, which both shipped back ends compare by."""
    pairs = zip(one, other, strict=True)
    return sum((first - second) ** 2 for first, second in pairs) ** 0.5


def _middle(one: Point, other: Point) -> Point:
    return ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
