"""The rows of the candidates' floor."""

from candidates.models.candidate import (
    Candidate,
    Enrolment,
    RosterImport,
    RosterPart,
)
from candidates.models.change import RosterChange
from candidates.models.companion import Companion
from candidates.models.conflict import ConflictMatch, DeclaredConflict
from candidates.models.face import FaceCheck
from candidates.models.identity_code import IdentityCode
from candidates.models.inbox import InboxItem
from candidates.models.latecomer import Latecomer
from candidates.models.lease import DeviceLease, SignInBudget
from candidates.models.mail import Mailing, MailPermit, MailTemplate, Recipient
from candidates.models.passage import (
    CheckIn,
    CheckInPhoto,
    DocumentRead,
    Observation,
    StagePassage,
)
from candidates.models.photos import DiscardedFile, PhotoBatch, PhotoEntry
from candidates.models.presence import Presence
from candidates.models.recheck import Recheck, RecheckAnswer
from candidates.models.recording import Chunk, Manifest, Recording, Segment
from candidates.models.ticket import Ticket, TicketBatch

__all__ = [
    "Candidate",
    "CheckIn",
    "CheckInPhoto",
    "Chunk",
    "Companion",
    "ConflictMatch",
    "DeclaredConflict",
    "DeviceLease",
    "DiscardedFile",
    "DocumentRead",
    "Enrolment",
    "FaceCheck",
    "IdentityCode",
    "InboxItem",
    "Latecomer",
    "MailPermit",
    "MailTemplate",
    "Mailing",
    "Manifest",
    "Observation",
    "PhotoBatch",
    "PhotoEntry",
    "Presence",
    "Recheck",
    "RecheckAnswer",
    "Recipient",
    "Recording",
    "RosterChange",
    "RosterImport",
    "RosterPart",
    "Segment",
    "SignInBudget",
    "StagePassage",
    "Ticket",
    "TicketBatch",
]
