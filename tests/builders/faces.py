"""A person at the door whose face can be compared, and pictures of faces."""

from django.core.files.base import ContentFile

from candidates.backends.faces.fake import marked
from candidates.domain.face_login import CONSENT_VERSION, open_challenge
from candidates.models import Candidate, DeviceLease, FaceCheck
from tests.builders.exams import before_start
from tests.builders.passages import claim, make_person, make_stages

AT = before_start(1500)
ME, NEARLY_ME, NOT_ME = 0.2, 0.72, 0.95
NOSES = {"left": 0.65, "centre": 0.5, "right": 0.35}


def at_door(*, photo: bytes | None = None, **columns: object) -> DeviceLease:
    """The claimed lease of somebody whose roster photo shows `ME`; "" is no photo."""
    attempt = make_person(**columns)
    content = marked(ME) if photo is None else photo
    if content:
        candidate = Candidate.objects.get(enrolments__attempt=attempt)
        candidate.photo.save("x", ContentFile(content))
    make_stages(attempt, "devices")
    lease = claim(attempt).lease
    return DeviceLease.objects.select_related("attempt__session__project").get(
        pk=lease.pk
    )


def challenge(lease: DeviceLease, *, at=AT) -> FaceCheck:
    return open_challenge(lease, consent_version=CONSENT_VERSION, at=at)


def frames_for(check: FaceCheck, who: float = ME, **other: dict) -> list[bytes]:
    """The frames of somebody who does as asked; `left={...}` changes one of them."""
    return [
        marked(**({"who": who, "nose": NOSES[step]} | other.get(step, {})))
        for step in check.steps
    ]
