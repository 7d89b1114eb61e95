"""What a face check came to, in the words that staff decide from."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from candidates.enums import FaceCheckState, FaceReason
from candidates.models import CheckIn, FaceCheck
from candidates.queries.faces import checks_before

TONES = {FaceCheckState.PASSED: "ok", FaceCheckState.FAILED: "bad"}
NEAR = pgettext_lazy("face distance", "like one person")
UNCLEAR = pgettext_lazy("face distance", "unclear")
FAR = pgettext_lazy("face distance", "like two people")


def face_checks_of(check_in: CheckIn) -> list[dict]:
    """Return the decided face checks up to this check-in, the latest first.

    Distances are thousandths in the row and decimals here; an embedding is never
    among what is shown.
    """
    return [shown(check, check_in) for check in checks_before(check_in)]


def shown(check: FaceCheck, check_in: CheckIn) -> dict:
    roster = check.distances.get("roster", [])
    found = {"photo": roster, "frames": [check.distances.get("frames")]}
    return {
        "state_label": check.get_state_display(),
        "tone": TONES.get(FaceCheckState(check.state), "warn"),
        "is_this": check.check_in_id == check_in.pk,
        "decided_at": check.decided_at,
        "reasons": [FaceReason(code).label for code in check.reasons],
        "distances": {
            name: _span([one for one in values if one is not None], check.thresholds)
            for name, values in found.items()
        },
        "pass_to": _decimal(check.thresholds["pass"]),
        "review_to": _decimal(check.thresholds["review"]),
        "backend": f"{check.backend} {check.version}",
    }


def _span(values: list[int], limits: dict) -> dict | None:
    """Return the nearest and farthest of several distances, and what that means."""
    if not values:
        return None
    far = max(values)
    return {
        "low": _decimal(min(values)),
        "high": _decimal(far),
        "words": _words(far, limits),
    }


def _words(far: int, limits: dict) -> Promise:
    if far <= limits["pass"]:
        return NEAR
    return UNCLEAR if far <= limits["review"] else FAR


def _decimal(thousandths: int) -> str:
    return f"{thousandths / 1000:.3f}"
