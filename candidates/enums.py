"""The closed lists of the candidates' floor. Stored values are never translated."""

from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stream(models.TextChoices):
    CAMERA = "camera", _("Camera and microphone")
    SCREEN = "screen", _("Screen")
    COMPANION = "companion", pgettext_lazy("stream", "Phone")

    ON_COMPUTER = nonmember(("camera", "screen"))


class RecordingState(models.TextChoices):
    OPEN = "open", pgettext_lazy("recording", "Open")
    SEALED = "sealed", pgettext_lazy("recording", "Sealed")
    VERIFIED = "verified", pgettext_lazy("recording", "Verified")
    NEEDS_REVIEW = "needs_review", pgettext_lazy("recording", "Needs review")


class LeaseState(models.TextChoices):
    """`waiting` asks for a takeover; at most one `active` lease per attempt."""

    WAITING = "waiting", pgettext_lazy("lease", "Waiting for a takeover")
    ACTIVE = "active", pgettext_lazy("lease", "Active")
    SUPERSEDED = "superseded", pgettext_lazy("lease", "Superseded")
    ENDED = "ended", pgettext_lazy("lease", "Ended")

    MAY_UPLOAD = nonmember(("active", "superseded"))


class LeaseLevel(models.TextChoices):
    CLAIMED = "claimed", pgettext_lazy("lease", "Claimed")
    VERIFIED = "verified", pgettext_lazy("lease", "Verified")


class CheckInState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("check-in", "Waiting for a person")
    APPROVED = "approved", pgettext_lazy("check-in", "Approved")
    DECLINED = "declined", pgettext_lazy("check-in", "Declined")
    SETTLED = "settled", pgettext_lazy("check-in", "Proved by a code")


class IdentityCodeState(models.TextChoices):
    """That the time of an open one is over is no state: it is asked at each use."""

    OPEN = "open", pgettext_lazy("identity code", "Not used")
    USED = "used", pgettext_lazy("identity code", "Used")
    REPLACED = "replaced", pgettext_lazy("identity code", "Replaced by a newer one")
    SPENT = "spent", pgettext_lazy("identity code", "Mistyped too often")


class FaceCheckState(models.TextChoices):
    """`judging` is an answer that is being compared; it is used up all the same."""

    OPEN = "open", pgettext_lazy("face check", "Open")
    EXPIRED = "expired", pgettext_lazy("face check", "Not answered in time")
    JUDGING = "judging", pgettext_lazy("face check", "Being compared")
    PASSED = "passed", pgettext_lazy("face check", "Passed")
    REVIEW = "review", pgettext_lazy("face check", "Sent to staff")
    FAILED = "failed", pgettext_lazy("face check", "Not passed")

    TRIES = nonmember(("judging", "failed"))


class FaceReason(models.TextChoices):
    """Why a face check did not pass, as the candidate is told."""

    NO_FACE = "no_face", _("No face was found. Face the camera, near enough.")
    SECOND_FACE = "second_face", _("More than one face was in the picture.")
    SMALL = "small", _("The face was too small. Come nearer to the camera.")
    DARK = "dark", _("It was too dark. Light on, or face the window.")
    BRIGHT = "bright", _("It was too bright. Turn away from the light.")
    BLURRED = "blurred", _("The picture was blurred. Wipe the lens and hold still.")
    MOVEMENT = "movement", _("The head did not turn as asked.")
    FRAMES_DIFFER = (
        "frames_differ",
        _("The pictures do not show one and the same face."),
    )
    OTHER_PERSON = (
        "other_person",
        _("The face does not resemble the photo of the application."),
    )
    UNSURE = "unsure", _("The comparison was not clear enough to decide by itself.")
    ROSTER_PHOTO = (
        "roster_photo",
        _("No face was found on the photo of the application."),
    )


class InboxKind(models.TextChoices):
    ANNOUNCEMENT = "announcement", pgettext_lazy("inbox", "Announcement")
    MESSAGE = "message", pgettext_lazy("inbox", "Message")
    WARNING = "warning", pgettext_lazy("inbox", "Warning")
    CASE_NOTICE = "case_notice", pgettext_lazy("inbox", "Case notice")
    RULING = "ruling", pgettext_lazy("inbox", "Ruling")
    RECHECK = "recheck", pgettext_lazy("inbox", "Re-check")


class RecheckOutcome(models.TextChoices):
    """What a re-check of adding, entry and omissions came to (S8)."""

    KEPT = "kept", pgettext_lazy("re-check", "The result is kept")
    CORRECTED = "corrected", pgettext_lazy("re-check", "The result was corrected")


class CompanionState(models.TextChoices):
    """A pairing of one phone, from the code on the computer's screen to its end.

    At most one `LIVE` and one `WAITING` row per attempt; each code opens one phone.
    """

    OFFERED = "offered", pgettext_lazy("companion", "Code is shown")
    OPENED = "opened", pgettext_lazy("companion", "Digits are compared")
    BOUND = "bound", pgettext_lazy("companion", "Bound")
    FILMING = "filming", pgettext_lazy("companion", "Filming")
    ENDED = "ended", pgettext_lazy("companion", "Ended")
    EXPIRED = "expired", pgettext_lazy("companion", "Expired")
    REVOKED = "revoked", pgettext_lazy("companion", "Revoked")
    SUPERSEDED = "superseded", pgettext_lazy("companion", "Another one took over")

    WAITING = nonmember(("offered", "opened"))
    LIVE = nonmember(("bound", "filming"))
    MAY_UPLOAD = nonmember(("bound", "filming", "ended", "revoked", "superseded"))


class ObservationKind(models.TextChoices):
    CHUNK_CONFLICT = "chunk_conflict", _("Two different chunks under one number")
    CHAIN_BREAK = "chain_break", _("A chunk does not fit the chain")
    LATE_CHUNK = "late_chunk", _("A chunk arrived after sealing")
    FOCUS_LOST = "focus_lost", _("The exam page lost focus")
    FOCUS_LIMIT = "focus_limit", _("The exam page was left too often")
    SHARE_STOPPED = "share_stopped", _("Screen sharing stopped")
    DEVICE_LOST = "device_lost", _("A recording device was lost")
    TAKEOVER = "takeover", _("Another computer took over")
    PHONE_GONE = "phone_gone", _("The phone was not heard")
    COMPUTER_GONE = "computer_gone", _("The computer was not heard")
    UPLOAD_LEFT = "upload_left", _("The upload page was left before its end")


class MockEnd(models.TextChoices):
    """How a mock test ended: never stored, worked out from attempt and recordings."""

    RUNNING = "running", pgettext_lazy("mock", "Going on")
    NOT_ENTERED = "not_entered", pgettext_lazy("mock", "Started, never entered")
    INCOMPLETE = (
        "incomplete",
        pgettext_lazy("mock", "Taken; the recordings have not arrived completely"),
    )
    PROBLEMS = (
        "problems",
        pgettext_lazy("mock", "Taken; parts of the recordings are missing or damaged"),
    )
    RECEIVED = (
        "received",
        pgettext_lazy("mock", "Taken; the recordings arrived and are being checked"),
    )
    COMPLETE = (
        "complete",
        pgettext_lazy("mock", "Taken; every recording arrived and was checked"),
    )


class ImportState(models.TextChoices):
    PREVIEW = "preview", pgettext_lazy("import", "Preview")
    COMMITTED = "committed", pgettext_lazy("import", "Committed")
    DISCARDED = "discarded", pgettext_lazy("import", "Discarded")


class RosterChangeKind(models.TextChoices):
    """What was done to one person of a roster; a new person needs no row."""

    CHANGED = "changed", pgettext_lazy("roster change", "Changed by the roster")
    # An import never takes anybody away: it only says so.
    GONE = "gone", pgettext_lazy("roster change", "No longer in the roster file")
    PHOTO_SET = "photo_set", pgettext_lazy("roster change", "Roster photo put in")
    PHOTO_REPLACED = (
        "photo_replaced",
        pgettext_lazy("roster change", "Roster photo replaced"),
    )


class PhotoBatchState(models.TextChoices):
    READING = "reading", pgettext_lazy("photos", "Being read")
    PREVIEW = "preview", pgettext_lazy("photos", "Preview")
    COMMITTED = "committed", pgettext_lazy("photos", "Committed")
    DISCARDED = "discarded", pgettext_lazy("photos", "Discarded")


class PhotoStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("photo", "Not read yet")
    READY = "ready", pgettext_lazy("photo", "Ready")
    UNMATCHED = "unmatched", pgettext_lazy("photo", "Nobody has this number")
    UNREADABLE = "unreadable", pgettext_lazy("photo", "Cannot be used")
    DUPLICATE = "duplicate", pgettext_lazy("photo", "Sent twice")


class Faces(models.TextChoices):
    """What was seen in a roster photo; unknown where no comparison is installed."""

    UNKNOWN = "unknown", pgettext_lazy("faces", "Not looked for")
    ONE = "one", pgettext_lazy("faces", "One face")
    NONE = "none", pgettext_lazy("faces", "No face found")
    MANY = "many", pgettext_lazy("faces", "More than one face")


class ConflictKind(models.TextChoices):
    """What an examiner declares to have in common with a candidate."""

    NAME = "name", pgettext_lazy("conflict", "Name of the candidate")
    ID_SUFFIX = "id_suffix", pgettext_lazy("conflict", "Last six of the ID number")
    INSTITUTION = "institution", pgettext_lazy("conflict", "Institution or unit")
    CANDIDATE = "candidate", pgettext_lazy("conflict", "Ticket number")

    DECLARED = nonmember(("name", "id_suffix", "institution"))


class MatchState(models.TextChoices):
    EXCLUDED = "excluded", pgettext_lazy("match", "Excluded")
    TOO_LATE = "too_late", pgettext_lazy("match", "Too late: already scored")
    LIFTED = "lifted", pgettext_lazy("match", "Lifted")


class TicketsState(models.TextChoices):
    """One making of a session's admission tickets, in one language."""

    MAKING = "making", pgettext_lazy("tickets", "Being made")
    READY = "ready", pgettext_lazy("tickets", "Ready, not published")
    PUBLISHED = "published", pgettext_lazy("tickets", "Published")
    FAILED = "failed", pgettext_lazy("tickets", "Not made")
    WITHDRAWN = "withdrawn", pgettext_lazy("tickets", "Withdrawn")
    SUPERSEDED = "superseded", pgettext_lazy("tickets", "Replaced by newer ones")

    CURRENT = nonmember(("making", "ready", "published", "failed"))
    WITH_FILES = nonmember(("ready", "published"))


class TicketProblem(models.TextChoices):
    """Why one ticket was not made, or not as it should be."""

    GLYPH = "glyph", _("No font of this server has these characters: %(characters)s")
    PHOTO = "photo", _("The photo could not be read; its place is empty")
    GONE = "gone", _("No longer on the roster of this session")
    LEFT_OUT = "left_out", _("Left out, without a ticket of their own: %(count)s")


class MailAudience(models.TextChoices):
    """To whom a mailing goes, of those on the roster of its session."""

    EVERYBODY = "everybody", pgettext_lazy("audience", "Everybody on the roster")
    NEVER_TESTED = "never_tested", pgettext_lazy("audience", "Who never tested")


class MailingState(models.TextChoices):
    """`finished` may go on: with the failed ones only, and only when told."""

    DRAFT = "draft", pgettext_lazy("mailing", "Draft")
    SENDING = "sending", pgettext_lazy("mailing", "Being sent")
    STOPPED = "stopped", pgettext_lazy("mailing", "Stopped")
    FINISHED = "finished", pgettext_lazy("mailing", "Finished")
    DISCARDED = "discarded", pgettext_lazy("mailing", "Discarded")


class RecipientState(models.TextChoices):
    """`claimed` is being sent; a sender that died there leaves `unknown` behind."""

    NO_ADDRESS = "no_address", pgettext_lazy("recipient", "No address")
    WAITING = "waiting", pgettext_lazy("recipient", "Waiting")
    CLAIMED = "claimed", pgettext_lazy("recipient", "Being sent")
    SENT = "sent", pgettext_lazy("recipient", "Sent")
    FAILED = "failed", pgettext_lazy("recipient", "Failed")
    UNKNOWN = "unknown", pgettext_lazy("recipient", "Unknown, may have been sent")
