"""Misconfiguration is a system check with an id, and stops the boot."""

import os

from django.conf import settings
from django.core.checks import CheckMessage, Error

from candidates.backends import faces
from exams.kernel import keys

TEST_ONLY = ("KAOWU_CLOCK_OFFSET_FILE", "KAOWU_KILL_AT", "KAOWU_SABOTAGE")


def boot(**kwargs: object) -> list[CheckMessage]:
    """Return every reason why this configuration must not serve."""
    found = []
    if not settings.SECRET_KEY:
        found.append(_error("E001", "SECRET_KEY is not set and keys/secret is missing"))
    found += [
        _error("E002", f"key family {family!r} has no key in {settings.KAOWU_KEYS}")
        for family in keys.missing(settings.KAOWU_KEYS)
    ]
    queue = settings.Q_CLUSTER
    if queue["retry"] <= queue["timeout"]:
        found.append(_error("E003", "Q_CLUSTER retry must be above timeout"))
    if queue.get("sync"):
        # Then the archive would run inside a candidate's request.
        found.append(_error("E006", "jobs run in the worker, never synchronously"))
    if settings.PRODUCTION:
        found += [
            _error("E004", f"{name} is for tests and refused in production")
            for name in TEST_ONLY
            if os.environ.get(name)
        ]
        if settings.FACE_BACKEND == "fake":
            found.append(_error("E010", "FACE_BACKEND=fake is for tests only"))
    unknown = set(settings.TOTP_ROLES) - set(settings.ROLES)
    if unknown:
        found.append(_error("E014", f"TOTP_ROLES names no role: {sorted(unknown)}"))
    found += _faces()
    if settings.USE_TZ is not True or settings.TIME_ZONE != "UTC":
        found.append(_error("E005", "storage and domain are UTC"))
    return found


def _faces() -> list[CheckMessage]:
    found = []
    if not settings.FACE_PASS < settings.FACE_REVIEW:
        found.append(_error("E011", "FACE_PASS must be below FACE_REVIEW"))
    name = settings.FACE_BACKEND
    try:
        chosen = faces.backend()
    except ImportError:
        found.append(_error("E012", f"FACE_BACKEND {name!r} names no back end"))
    else:
        if name == "dlib" and not chosen.available:
            found.append(_error("E013", "FACE_BACKEND=dlib, and it is not installed"))
    return found


def _error(number: str, text: str) -> Error:
    return Error(text, id=f"kaowu.{number}")
