"""Faces by dlib: the frontal detector, five points, and a 128-number embedding.

Only the models that their author gave to the public domain are opened: the residual
network and the five points. The 68 points, which lie in the same folder, may not be
used commercially. The models' package cannot be imported (it needs `pkg_resources`,
which is gone), so its folder is found without running it.
"""

import importlib
import importlib.util
import io
import threading
import time
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

from candidates.backends.faces.base import Embedding, Face, FaceReport, distance

MODELS = "face_recognition_models"
POINTS = "shape_predictor_5_face_landmarks.dat"
NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
LONG_SIDE = 800
CROP = 128
LOOK_AGAIN_SECONDS = 10
# Two true faces score 1.2 and more; pictures on a wall were found at 0.4.
LEAST_SCORE = 0.5


class DlibFaces:
    """Thread-safe: the network keeps what it computed last, so one at a time."""

    name = "dlib"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found = False
        self._look_again = 0.0

    @property
    def available(self) -> bool:
        """Asked by every page that waits: what is missing is looked for now and then.

        So an installation beside a running server counts within seconds.
        """
        now = time.monotonic()
        if not self._found and now >= self._look_again:
            self._found = models_folder() is not None
            self._look_again = now + LOOK_AGAIN_SECONDS
        return self._found

    @cached_property
    def version(self) -> str:
        return f"{self._loaded.library.__version__}/resnet_v1"

    @cached_property
    def _loaded(self) -> SimpleNamespace:
        folder = models_folder()
        library = importlib.import_module("dlib")
        return SimpleNamespace(
            library=library,
            detector=library.get_frontal_face_detector(),
            points=library.shape_predictor(str(folder / POINTS)),
            network=library.face_recognition_model_v1(str(folder / NETWORK)),
        )

    def analyse(self, image: bytes) -> FaceReport:
        picture = Image.open(io.BytesIO(image)).convert("RGB")
        picture.thumbnail((LONG_SIDE, LONG_SIDE))
        pixels = np.asarray(picture)
        with self._lock:
            found = self._find(pixels)
            embedding = None
            if len(found) == 1:
                numbers = self._loaded.network.compute_face_descriptor(
                    pixels, found[0][1]
                )
                embedding = tuple(round(float(number), 5) for number in numbers)
        faces = tuple(face for face, _shape in found)
        light, sharpness = _quality(picture, faces)
        return FaceReport(faces, light, sharpness, embedding)

    def compare(self, one: Embedding, other: Embedding) -> float:
        return distance(one, other)

    def _find(self, pixels: np.ndarray) -> list[tuple[Face, object]]:
        boxes, scores, _kinds = self._loaded.detector.run(pixels, 0, LEAST_SCORE)
        found = []
        for box, score in zip(boxes, scores, strict=True):
            shape = self._loaded.points(pixels, box)
            points = tuple((float(one.x), float(one.y)) for one in shape.parts())
            face = Face(box.left(), box.top(), box.right(), box.bottom(), score, points)
            found.append((face, shape))
        return found


def models_folder() -> Path | None:
    """Return the folder of the models when library and both files are there."""
    importlib.invalidate_caches()
    package = importlib.util.find_spec(MODELS)
    if package is None or importlib.util.find_spec("dlib") is None:
        return None
    for place in package.submodule_search_locations or ():
        folder = Path(place) / "models"
        if (folder / POINTS).is_file() and (folder / NETWORK).is_file():
            return folder
    return None


def _quality(picture: Image.Image, faces: tuple[Face, ...]) -> tuple[float, float]:
    """Return light and sharpness of the first face, or of all when there is none."""
    grey = picture.convert("L")
    if faces:
        face = faces[0]
        grey = grey.crop((face.left, face.top, face.right, face.bottom))
    cells = np.asarray(grey.resize((CROP, CROP)), dtype=float)
    around = cells[1:-1, :-2] + cells[1:-1, 2:] + cells[:-2, 1:-1] + cells[2:, 1:-1]
    return float(cells.mean()), float((around - 4 * cells[1:-1, 1:-1]).var())
