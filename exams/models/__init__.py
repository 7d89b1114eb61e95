"""The rows of the bottom floor."""

from exams.models.acknowledgement import Acknowledgement
from exams.models.approval import Approval, Void
from exams.models.attempt import Attempt, Exclusion
from exams.models.audit import AuditEntry
from exams.models.document import Document
from exams.models.draw import Draw, DrawnNumber
from exams.models.emergency import Emergency
from exams.models.event import Event, Topic
from exams.models.paper import Criterion, Paper, PaperDraw, Question
from exams.models.project import Project, Room, Session, SupportHours
from exams.models.reading import PaperOpening, PaperReading
from exams.models.retention import Hold, RetentionItem, RetentionRun
from exams.models.room import RoomMove, RoomSplit
from exams.models.scoring import Exhibit, Mark, Result, Sheet
from exams.models.security import (
    OneTimeLink,
    RecoveryCode,
    SecondFactor,
    SignInLock,
)
from exams.models.staff import Assignment, Staff
from exams.models.token import ApiToken

__all__ = [
    "Acknowledgement",
    "ApiToken",
    "Approval",
    "Assignment",
    "Attempt",
    "AuditEntry",
    "Criterion",
    "Document",
    "Draw",
    "DrawnNumber",
    "Emergency",
    "Event",
    "Exclusion",
    "Exhibit",
    "Hold",
    "Mark",
    "OneTimeLink",
    "Paper",
    "PaperDraw",
    "PaperOpening",
    "PaperReading",
    "Project",
    "Question",
    "RecoveryCode",
    "Result",
    "RetentionItem",
    "RetentionRun",
    "Room",
    "RoomMove",
    "RoomSplit",
    "SecondFactor",
    "Session",
    "Sheet",
    "SignInLock",
    "Staff",
    "SupportHours",
    "Topic",
    "Void",
]
