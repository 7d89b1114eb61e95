"""The rows of the candidates' floor."""

from candidates.models.candidate import Candidate, Enrolment, RosterImport
from candidates.models.lease import DeviceLease, SignInBudget
from candidates.models.passage import (
    CheckIn,
    CheckInPhoto,
    DocumentRead,
    Observation,
    StagePassage,
)
from candidates.models.recording import Chunk, Manifest, Recording, Segment

__all__ = [
    "Candidate",
    "CheckIn",
    "CheckInPhoto",
    "Chunk",
    "DeviceLease",
    "DocumentRead",
    "Enrolment",
    "Manifest",
    "Observation",
    "Recording",
    "RosterImport",
    "Segment",
    "SignInBudget",
    "StagePassage",
]
