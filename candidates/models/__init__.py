"""The rows of the candidates' floor."""

from candidates.models.candidate import (
    Candidate,
    Enrolment,
    RosterImport,
    RosterPart,
)
from candidates.models.companion import Companion
from candidates.models.conflict import ConflictMatch, DeclaredConflict
from candidates.models.face import FaceCheck
from candidates.models.inbox import InboxItem
from candidates.models.lease import DeviceLease, SignInBudget
from candidates.models.passage import (
    CheckIn,
    CheckInPhoto,
    DocumentRead,
    Observation,
    StagePassage,
)
from candidates.models.photos import PhotoBatch, PhotoEntry
from candidates.models.presence import Presence
from candidates.models.recording import Chunk, Manifest, Recording, Segment

__all__ = [
    "Candidate",
    "CheckIn",
    "CheckInPhoto",
    "Chunk",
    "Companion",
    "ConflictMatch",
    "DeclaredConflict",
    "DeviceLease",
    "DocumentRead",
    "Enrolment",
    "FaceCheck",
    "InboxItem",
    "Manifest",
    "Observation",
    "PhotoBatch",
    "PhotoEntry",
    "Presence",
    "Recording",
    "RosterImport",
    "RosterPart",
    "Segment",
    "SignInBudget",
    "StagePassage",
]
