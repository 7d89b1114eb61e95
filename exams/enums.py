"""The closed lists of the bottom floor. Stored values are never translated."""

from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """What a person may be in a project, session or room."""

    ADMINISTRATOR = "administrator", _("Administrator")
    PROCTOR = "proctor", _("Proctor")
    EXAMINER = "examiner", _("Examiner")
    CHIEF_EXAMINER = "chief_examiner", _("Chief examiner")
    OFFICIAL = "official", _("Official")
    HELPDESK = "helpdesk", _("Helpdesk")
    AUDITOR = "auditor", _("Auditor")


class SessionKind(models.TextChoices):
    FORMAL = "formal", _("Formal")
    MOCK = "mock", _("Mock")


class SessionState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("session", "Draft")
    PUBLISHED = "published", pgettext_lazy("session", "Published")
    SCORING = "scoring", pgettext_lazy("session", "Scoring")
    RELEASED = "released", pgettext_lazy("session", "Released")
    ARCHIVED = "archived", pgettext_lazy("session", "Archived")
    DISCARDED = "discarded", pgettext_lazy("session", "Discarded")

    # What only administrators see.
    UNSEEN = nonmember(("draft", "discarded"))
    RESULTS_OUT = nonmember(("released", "archived"))


class AttemptState(models.TextChoices):
    ENROLLED = "enrolled", pgettext_lazy("attempt", "Enrolled")
    CHECKED_IN = "checked_in", pgettext_lazy("attempt", "Checked in")
    ENTERED = "entered", pgettext_lazy("attempt", "Entered")
    SUBMITTED = "submitted", pgettext_lazy("attempt", "Submitted")
    SEALED = "sealed", pgettext_lazy("attempt", "Sealed")
    MARKED = "marked", pgettext_lazy("attempt", "Marked")
    RELEASED = "released", pgettext_lazy("attempt", "Released")
    ABSENT = "absent", pgettext_lazy("attempt", "Absent")
    WITHDRAWN = "withdrawn", pgettext_lazy("attempt", "Withdrawn")

    BEFORE_ENTRY = nonmember(("enrolled", "checked_in"))
    PRESENT = nonmember(("entered", "submitted", "sealed", "marked", "released"))
    ENDED = nonmember(("submitted", "sealed", "marked", "released"))


class Phase(models.TextChoices):
    """A label of the clock, for people; code never branches on it."""

    UPCOMING = "upcoming", pgettext_lazy("phase", "Not started")
    LOGIN = "login", pgettext_lazy("phase", "Sign-in open")
    ENTRY = "entry", pgettext_lazy("phase", "Entry open")
    ANSWERING = "answering", pgettext_lazy("phase", "Answering")
    UPLOADING = "uploading", pgettext_lazy("phase", "Uploading")
    CLOSED = "closed", pgettext_lazy("phase", "Closed")


class Stage(models.TextChoices):
    """The named stages of a passage, in the documents' order (R40)."""

    DEVICES = "devices", pgettext_lazy("stage", "Device preparation")
    CHECK_IN = "check_in", pgettext_lazy("stage", "Identity check")
    FLOW = "flow", pgettext_lazy("stage", "Read the exam flow")
    COMPANION = "companion", pgettext_lazy("stage", "Phone")
    DRAW = "draw", pgettext_lazy("stage", "Draw")
    ATTACHMENTS = "attachments", pgettext_lazy("stage", "Read the attachments")
    COMMITMENT = "commitment", pgettext_lazy("stage", "Commitment letter")
    NOTICE = "notice", pgettext_lazy("stage", "Exam notice")
    ENTER = "enter", pgettext_lazy("stage", "Enter the exam")
    DEVICE_CONFIRMATION = (
        "device_confirmation",
        pgettext_lazy("stage", "Device confirmation"),
    )
    INFORMATION = "information", pgettext_lazy("stage", "Information confirmation")
    PAPER_CHECK = "paper_check", pgettext_lazy("stage", "Paper check")
    ANSWER = "answer", pgettext_lazy("stage", "Answering")
    UPLOAD = "upload", pgettext_lazy("stage", "Upload")

    BEFORE_ENTER = nonmember(
        (
            *("devices", "check_in", "flow", "companion", "draw"),
            *("attachments", "commitment", "notice"),
        )
    )
    AFTER_ENTER = nonmember(("device_confirmation", "information", "paper_check"))
    READING = nonmember(("flow", "attachments", "commitment", "notice"))


class Preset(models.TextChoices):
    """Where the settings of a new session come from: the two documents."""

    A = "a", pgettext_lazy("preset", "A: attachments")
    B = "b", pgettext_lazy("preset", "B: commitment letter and exam notice")


class DisplayPolicy(models.TextChoices):
    """What a second display means (R55); browsers that cannot tell are “unverified”."""

    REQUIRE = "require", pgettext_lazy("display", "Only one display may be connected")
    WARN = "warn", pgettext_lazy("display", "Warn of a second display")
    OFF = "off", pgettext_lazy("display", "Any number of displays")


class HeadphonePolicy(models.TextChoices):
    FORBID = "forbid", pgettext_lazy("headphones", "Headphones are forbidden")
    ALLOW = "allow", pgettext_lazy("headphones", "Headphones are allowed")


class FocusPolicy(models.TextChoices):
    """What candidates are told of leaving the page (R57); it is recorded anyway."""

    LOG = "log", pgettext_lazy("focus", "Is recorded")
    WARN = "warn", pgettext_lazy("focus", "Is recorded and warned of")
    LIMIT = "limit", pgettext_lazy("focus", "Is recorded, up to a number of times")


class GroupCorrection(models.TextChoices):
    """Whether results of different rooms are balanced against each other (S4)."""

    NONE = "none", pgettext_lazy("correction", "Results stay as they are")
    MEAN_RATIO = (
        "mean_ratio",
        pgettext_lazy("correction", "Balanced by the means of the rooms"),
    )


class IdentityMethod(models.TextChoices):
    """How a person may be recognised (R41, G2)."""

    FACE = "face", pgettext_lazy("identity", "Comparison of the face")
    HUMAN = "human", pgettext_lazy("identity", "Decision of a member of staff")
    CODE = "code", pgettext_lazy("identity", "One-time code from a member of staff")


class Platform(models.TextChoices):
    """The computers that may be used (R25); names of products are not translated."""

    WINDOWS = "windows", "Windows"
    MACOS = "macos", "macOS"
    LINUX = "linux", "Linux"
    CHROMEOS = "chromeos", "ChromeOS"


class LocalReading(models.TextChoices):
    """Which of two instants a local time means where the clocks are changed."""

    EARLIER = "earlier", pgettext_lazy("reading", "the earlier of the two")
    LATER = "later", pgettext_lazy("reading", "the later of the two")


class DocumentKind(models.TextChoices):
    FLOW = "flow", _("Exam flow")
    RULES = "rules", _("Exam rules")
    ATTACHMENT = "attachment", _("Attachment")
    COMMITMENT = "commitment", _("Commitment letter")
    NOTICE = "notice", _("Exam notice")
    REQUIREMENTS = "requirements", _("Requirements for room and devices")
    MANUAL = "manual", _("Operation manual")
    FAQ = "faq", _("Frequently asked questions")
    UPLOAD_GUIDE = "upload_guide", _("Upload guide")
    SAMPLE = "sample_picture", _("Sample picture")


class SheetState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("sheet", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("sheet", "Submitted")
    LOCKED = "locked", pgettext_lazy("sheet", "Locked")


class ApprovalAction(models.TextChoices):
    """What needs two people."""

    VOID = "attempt.void", pgettext_lazy("approval", "Cancel a score")
    RESTORE = "attempt.restore", pgettext_lazy("approval", "Bring a score back")
    RULING = "case.ruling", pgettext_lazy("approval", "Rule without cancelling")
    MOVE = "attempt.room", pgettext_lazy("approval", "Change a room after the freeze")
    READING = "paper.reading", pgettext_lazy("approval", "Read a sealed paper")
    EMERGENCY = (
        "session.emergency",
        pgettext_lazy("approval", "Act on a frozen session"),
    )
    DELETION = "project.deletion", pgettext_lazy("approval", "Delete what is due")


class EmergencyKind(models.TextChoices):
    """What may still be done to a frozen session (design §4)."""

    POSTPONE = (
        "postpone",
        pgettext_lazy("emergency", "Postpone the start for everybody"),
    )
    CANCEL = "cancel", pgettext_lazy("emergency", "Cancel the session")
    PAPER = "paper", pgettext_lazy("emergency", "Replace the paper")
    ENTRY = "entry", pgettext_lazy("emergency", "Reopen entry for one person")
    UPLOAD_CAP = "upload_cap", pgettext_lazy("emergency", "Move the end of the upload")


class VoidKind(models.TextChoices):
    VOID = "void", pgettext_lazy("void", "Cancelled")
    RESTORE = "restore", pgettext_lazy("void", "Brought back")


class SplitKind(models.TextChoices):
    """Whom a random split deals to the rooms."""

    CANDIDATES = "candidates", pgettext_lazy("split", "Candidates")
    PROCTORS = "proctors", pgettext_lazy("split", "Proctors")


class Scope(models.TextChoices):
    """What an API token may read of its project."""

    PROJECTS = "projects", pgettext_lazy("scope", "The project")
    SESSIONS = "sessions", pgettext_lazy("scope", "Sessions and their times")
    STATES = "states", pgettext_lazy("scope", "Candidates' ticket numbers and states")
    RESULTS = "results", pgettext_lazy("scope", "Released results")


class RetentionClass(models.TextChoices):
    """What has a time of its own to be kept (a project's `keep_…_days`)."""

    CAMERA = "camera", pgettext_lazy("retention", "Camera recordings")
    SCREEN = "screen", pgettext_lazy("retention", "Screen recordings")
    PHONE = "phone", pgettext_lazy("retention", "Phone recordings")
    ID_CHECK = "id_check", pgettext_lazy("retention", "Photos and face data")
    CHAT = "chat", pgettext_lazy("retention", "Help conversations and messages")
    LOGS = "logs", pgettext_lazy("retention", "Devices, addresses, observations")


class RetentionState(models.TextChoices):
    """One deletion, from the first person's word to its certificate."""

    ASKED = "asked", pgettext_lazy("deletion", "Waiting for a second person")
    REPLACED = "replaced", pgettext_lazy("deletion", "Replaced by a newer one")
    RUNNING = "running", pgettext_lazy("deletion", "Being carried out")
    FINISHED = "finished", pgettext_lazy("deletion", "Carried out")


class RetentionOutcome(models.TextChoices):
    DELETED = "deleted", pgettext_lazy("deletion", "Deleted")
    HELD = "held", pgettext_lazy("deletion", "Held back")
