"""What a challenge's pictures prove: a verdict from measured numbers, and why.

Pure: reports of a back end in, a verdict out. Distances are thousandths, rounded
before they are compared, so that a stored row gives the same verdict again (R41).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from django.conf import settings

from candidates.backends.faces import FaceReport
from candidates.backends.faces.base import Embedding
from candidates.enums import FaceCheckState, FaceReason

LEFT, CENTRE, RIGHT = "left", "centre", "right"
STEPS = (LEFT, CENTRE, RIGHT)
# Where the nose of a face that looks ahead is expected, between the eyes.
AHEAD = (0.3, 0.7)
Compare = Callable[[Embedding, Embedding], float]


@dataclass(frozen=True)
class Verdict:
    """`quality` holds the reasons frame by frame, `reasons` what decided."""

    state: str
    reasons: list[str] = field(default_factory=list)
    quality: list[list[str]] = field(default_factory=list)
    distances: dict = field(default_factory=dict)
    embedding: Embedding | None = field(default=None, repr=False)


def thresholds() -> dict[str, int]:
    """Return the distances in force, thousandths: up to `pass`, up to `review`."""
    return {
        "pass": round(settings.FACE_PASS * 1000),
        "review": round(settings.FACE_REVIEW * 1000),
    }


def judge(
    steps: Sequence[str],
    reports: Sequence[FaceReport],
    roster: FaceReport | None,
    *,
    compare: Compare,
) -> Verdict:
    """Return the verdict on the frames' reports, `steps` naming what each showed.

    Passed only when every frame shows one good face, the head turned as asked, all
    frames are one person and that person is the roster's. A roster photo without one
    face is for staff. The face that looks ahead is compared most strictly.
    """
    quality = [_quality(report) for report in reports]
    told = list(dict.fromkeys(reason for frame in quality for reason in frame))
    if not told and not _turned(steps, reports):
        told = [FaceReason.MOVEMENT.value]
    if told:
        return Verdict(FaceCheckState.FAILED, told, quality)
    found = [report.embedding for report in reports if report.embedding is not None]
    ahead = [step == CENTRE for step in steps]
    distances = {
        "frames": max(_thousandths(compare(*pair)) for pair in combinations(found, 2)),
        "roster": [_thousandths(compare(one, roster.embedding)) for one in found]
        if roster and roster.embedding
        else [],
    }
    state, reasons = _decide(distances, ahead)
    embedding = found[ahead.index(True)] if state != FaceCheckState.FAILED else None
    return Verdict(state, reasons, quality, distances, embedding)


def _quality(report: FaceReport) -> list[str]:
    """Return why a frame cannot be compared; nothing when it can."""
    if len(report.faces) != 1:
        seen = FaceReason.SECOND_FACE if report.faces else FaceReason.NO_FACE
        dark = report.light < settings.FACE_MIN_LIGHT
        return [FaceReason.DARK.value, seen.value] if dark else [seen.value]
    findings = {
        FaceReason.SMALL: report.faces[0].size < settings.FACE_MIN_PIXELS,
        FaceReason.DARK: report.light < settings.FACE_MIN_LIGHT,
        FaceReason.BRIGHT: report.light > settings.FACE_MAX_LIGHT,
        FaceReason.BLURRED: report.sharpness < settings.FACE_MIN_SHARPNESS,
    }
    return [reason.value for reason, found in findings.items() if found]


def _turned(steps: Sequence[str], reports: Sequence[FaceReport]) -> bool:
    """Return whether the nose moved as asked, against the face that looks ahead."""
    noses = [report.faces[0].nose for report in reports]
    ahead = [nose for step, nose in zip(steps, noses, strict=True) if step == CENTRE]
    middle = sum(ahead) / len(ahead)
    moves = {LEFT: 1, RIGHT: -1}
    return AHEAD[0] <= middle <= AHEAD[1] and all(
        moves[step] * (nose - middle) >= settings.FACE_TURN
        for step, nose in zip(steps, noses, strict=True)
        if step != CENTRE
    )


def _decide(distances: dict, ahead: list[bool]) -> tuple[str, list[str]]:
    limit = thresholds()
    if distances["frames"] > limit["review"]:
        return FaceCheckState.FAILED, [FaceReason.FRAMES_DIFFER.value]
    roster = distances["roster"]
    if not roster:
        return FaceCheckState.REVIEW, [FaceReason.ROSTER_PHOTO.value]
    facing = max(far for far, looks in zip(roster, ahead, strict=True) if looks)
    if facing > limit["review"]:
        return FaceCheckState.FAILED, [FaceReason.OTHER_PERSON.value]
    sure = max(facing, distances["frames"]) <= limit["pass"]
    if sure and max(roster) <= limit["review"]:
        return FaceCheckState.PASSED, []
    return FaceCheckState.REVIEW, [FaceReason.UNSURE.value]


def _thousandths(far: float) -> int:
    return round(far * 1000)
