"""Back ends that look at faces: what they see in a picture, and how far two are apart.

A back end measures and never decides; thresholds are `candidates.domain.face_login`'s.
`FACE_BACKEND` names one of `NAMES`, or the dotted path of a class of its own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from candidates.backends.faces.base import Face, FaceBackend, FaceReport
from exams.kernel.errors import Refusal

NAMES = {
    "dlib": "candidates.backends.faces.dlib_faces.DlibFaces",
    "manual": "candidates.backends.faces.manual.ManualFaces",
    "fake": "candidates.backends.faces.fake.FakeFaces",
}
AUTO = "auto"
PATIENCE_SECONDS = 8
_backends: dict[str, FaceBackend] = {}
_turns = threading.BoundedSemaphore(1)

__all__ = ["AUTO", "NAMES", "Face", "FaceBackend", "FaceReport", "backend", "turn"]


class FaceBusy(Refusal):
    """Others are being compared; nothing was used up."""

    code = "face_busy"
    status = 503
    message = _("Many people are checking in. Press again, or choose the human check.")


def backend() -> FaceBackend:
    """Return the back end in force: `auto` is dlib when it is installed, else staff.

    Asked anew each time, so that what is installed beside a running server counts.
    """
    name = settings.FACE_BACKEND
    if name != AUTO:
        return _named(name)
    found = _named("dlib")
    return found if found.available else _named("manual")


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one's turn: a comparison fills a core for most of a second."""
    if not _turns.acquire(timeout=PATIENCE_SECONDS):
        raise FaceBusy
    try:
        yield
    finally:
        _turns.release()


def _named(name: str) -> FaceBackend:
    if name not in _backends:
        _backends[name] = import_string(NAMES.get(name, name))()
    return _backends[name]
