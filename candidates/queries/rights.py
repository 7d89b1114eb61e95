"""What an attempt may do at an instant, and why not: the one source of that.

The state reply draws every button from here and `domain/` refuses by it, so that a
button which is shown open is never refused for another reason. Pure: rows and
instants in, refusals out; nothing is read or written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from candidates.enums import CheckInState, LeaseLevel, LeaseState
from candidates.models import CheckIn, DeviceLease
from candidates.queries.faces import FaceStanding
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, IdentityMethod, SessionKind, Stage
from exams.kernel.clock import Window
from exams.kernel.errors import NotFound, Refusal, WindowClosed
from exams.models import Attempt

# Opened and left unanswered they cost a row each; nobody honest needs as many.
MAX_FACE_CHALLENGES = 30


class LeaseWaiting(Refusal):
    code = "lease_waiting"
    status = 403
    message = _("Another computer is in use. Wait for staff to decide.")


class LeaseLost(Refusal):
    code = "lease_lost"
    status = 403
    message = _("Another computer took over. This one only uploads what it holds.")


class NotVerified(Refusal):
    code = "not_verified"
    status = 403
    message = _("Your identity has to be checked on this computer first.")


class AlreadyVerified(Refusal):
    code = "already_verified"
    message = _("Your identity is already checked on this computer.")


class CheckInWaiting(Refusal):
    code = "check_in_waiting"
    message = _("Your photos are waiting for a person to look at them.")


class FaceUnavailable(Refusal):
    code = "face_unavailable"
    message = _("Faces are not compared here by a program: a person looks instead.")


class CodeUnavailable(Refusal):
    code = "code_unavailable"
    message = _("No codes are given for the identity check of this session.")


class MockMissing(Refusal):
    code = "mock_missing"
    message = _(
        "A finished mock test is required before the exam. Take one on your home page "
        "or call the hotline."
    )


class RosterPhotoMissing(Refusal):
    code = "roster_photo_missing"
    message = _("There is no photo of your application to compare: a person looks.")


class FaceTriesUsed(Refusal):
    code = "face_tries_used"
    message = _("The comparison did not succeed. A member of staff decides instead.")


class NotEnrolled(Refusal):
    code = "not_enrolled"
    message = _("This exam is not open to you. Call the hotline.")


class StageMissing(Refusal):
    code = "stage_missing"
    message = _("Finish the steps before this one first.")


class NotEntered(Refusal):
    code = "not_entered"
    message = _("You have not entered the exam.")


class AlreadyEntered(Refusal):
    code = "already_entered"
    message = _("You have already entered the exam.")


class ExamOver(Refusal):
    code = "exam_over"
    message = _("Your exam is over.")


class NotOver(Refusal):
    code = "not_over"
    message = _("Your exam is not over yet.")


class AlreadyDrawn(Refusal):
    code = "already_drawn"
    message = _("Your sequence number is drawn.")


class NotDrawn(Refusal):
    """The draw is closed, and this session deals no number by itself (R50, G6)."""

    code = "not_drawn"
    message = _(
        "You did not draw before the draw closed, and this exam deals no numbers by "
        "itself. Ask the helpdesk: it can give you one."
    )


class NoCompanion(Refusal):
    code = "no_companion"
    message = _("This exam asks for no phone.")


class DrawNotReady(Refusal):
    code = "draw_not_ready"
    message = _("The draw is not prepared yet. Wait a moment or call the hotline.")


@dataclass(frozen=True)
class Standing:
    """Where an attempt stands, as its lease sees it: rows that were read once.

    `done` holds finished stages with their instants, `number` the drawn number if
    any (in a mock the practice number), `draw_ready` whether the draw of the session
    is committed; a mock's always is. `mock_missing` is asked only where the session
    requires one (R5).
    """

    lease: DeviceLease
    attempt: Attempt
    schedule: Schedule
    done: dict[str, datetime]
    check_in: CheckIn | None
    tries: int
    number: int | None
    draw_ready: bool
    face: FaceStanding = field(default_factory=FaceStanding)
    mock_missing: bool = False

    def is_over(self, at: datetime) -> bool:
        """An entered attempt counts as submitted from its deadline on."""
        if self.attempt.state in AttemptState.ENDED:
            return True
        return self.attempt.state == AttemptState.ENTERED and at >= self.schedule.ends

    def stages(self) -> list[str]:
        return self.attempt.session.stages

    def missing_before(self, stage: str) -> list[str]:
        """Return the unfinished stages in front of `stage` in the session's order."""
        stages = self.stages()
        if stage not in stages:
            return []
        return [name for name in stages[: stages.index(stage)] if name not in self.done]

    def current_stage(self, at: datetime) -> str:
        """Return the stage that the page shows.

        Nobody is kept from the questions by a confirmation left open: from the
        start on, an entered attempt answers (R63); once over, it uploads.
        """
        stages = self.stages()
        if self.is_over(at):
            return Stage.UPLOAD
        if self.attempt.state == AttemptState.ENTERED and at >= self.schedule.starts:
            return Stage.ANSWER
        for name in stages:
            if name not in self.done:
                return name
        return Stage.UPLOAD


def lease_refusal(standing: Standing) -> Refusal | None:
    """Return why this browser controls nothing, or None when it does."""
    state = standing.lease.state
    if state == LeaseState.ACTIVE:
        return None
    return LeaseWaiting() if state == LeaseState.WAITING else LeaseLost()


def verified_refusal(standing: Standing) -> Refusal | None:
    """Return why this browser may not act in the exam, or None when it may."""
    refusal = lease_refusal(standing)
    if refusal:
        return refusal
    return None if standing.lease.level == LeaseLevel.VERIFIED else NotVerified()


def missed_draw(standing: Standing, at: datetime) -> bool:
    """Return whether only the helpdesk can still give this attempt a number."""
    session = standing.attempt.session
    dealt = session.auto_assign or session.kind == SessionKind.MOCK
    if dealt or standing.number is not None or Stage.DRAW not in standing.stages():
        return False
    return at >= standing.schedule.draw_closes


def _sign_in(standing: Standing, at: datetime) -> Refusal | None:
    return lease_refusal(standing)


def _check_in(standing: Standing, at: datetime) -> Refusal | None:
    refusal = _proved_refusal(standing)
    if refusal:
        return refusal
    if standing.check_in and standing.check_in.state == CheckInState.WAITING:
        return CheckInWaiting()
    return _unready_refusal(standing)


def _identity_code(standing: Standing, at: datetime) -> Refusal | None:
    """Photos that wait for a person are no reason not to use a code (G2)."""
    refusal = _proved_refusal(standing)
    if refusal:
        return refusal
    if IdentityMethod.CODE not in standing.attempt.session.identity_methods:
        return CodeUnavailable()
    return _unready_refusal(standing)


def _proved_refusal(standing: Standing) -> Refusal | None:
    refusal = lease_refusal(standing)
    if refusal:
        return refusal
    if standing.lease.level == LeaseLevel.VERIFIED:
        return AlreadyVerified()
    return (
        None if standing.attempt.state in AttemptState.BEFORE_ENTRY else NotEnrolled()
    )


def _unready_refusal(standing: Standing) -> Refusal | None:
    if standing.mock_missing:
        return MockMissing()
    return StageMissing() if standing.missing_before(Stage.CHECK_IN) else None


def _face_check(standing: Standing, at: datetime) -> Refusal | None:
    refusal = _check_in(standing, at)
    if refusal:
        return refusal
    face = standing.face
    methods = standing.attempt.session.identity_methods
    if not face.available or IdentityMethod.FACE not in methods:
        return FaceUnavailable()
    if not face.has_photo:
        return RosterPhotoMissing()
    used = not face.tries_left or face.issued >= MAX_FACE_CHALLENGES
    return FaceTriesUsed() if used else None


def _draw(standing: Standing, at: datetime) -> Refusal | None:
    refusal = verified_refusal(standing)
    if refusal:
        return refusal
    if standing.number is not None:
        return AlreadyDrawn()
    if missed_draw(standing, at):
        return NotDrawn()
    if standing.missing_before(Stage.DRAW):
        return StageMissing()
    return None if standing.draw_ready else DrawNotReady()


def _pair(standing: Standing, at: datetime) -> Refusal | None:
    refusal = verified_refusal(standing)
    if refusal:
        return refusal
    if Stage.COMPANION not in standing.stages():
        return NoCompanion()
    if standing.is_over(at):
        return ExamOver()
    return StageMissing() if standing.missing_before(Stage.COMPANION) else None


def _read(standing: Standing, at: datetime) -> Refusal | None:
    refusal = verified_refusal(standing)
    if refusal:
        return refusal
    if standing.is_over(at):
        return ExamOver()
    current = standing.current_stage(at)
    return None if current in Stage.READING else StageMissing()


def _enter(standing: Standing, at: datetime) -> Refusal | None:
    refusal = verified_refusal(standing)
    if refusal:
        return refusal
    if standing.attempt.state in AttemptState.PRESENT:
        return ExamOver() if standing.is_over(at) else AlreadyEntered()
    if standing.attempt.state != AttemptState.CHECKED_IN:
        return NotEnrolled()
    if missed_draw(standing, at):
        return NotDrawn()
    missing = set(standing.missing_before(Stage.ENTER))
    if at >= standing.schedule.draw_closes and standing.draw_ready:
        # The number of who did not draw is dealt with the entry itself (R50).
        missing.discard(Stage.DRAW)
    return StageMissing() if missing else None


def _inside(standing: Standing, at: datetime) -> Refusal | None:
    refusal = verified_refusal(standing)
    if refusal:
        return refusal
    if standing.is_over(at):
        return ExamOver()
    return None if standing.attempt.state == AttemptState.ENTERED else NotEntered()


def _seal(standing: Standing, at: datetime) -> Refusal | None:
    if standing.lease.state not in LeaseState.MAY_UPLOAD:
        return LeaseWaiting()
    return None if standing.is_over(at) else NotOver()


RULES: dict[str, Callable[[Standing, datetime], Refusal | None]] = {
    "sign_in": _sign_in,
    "check_in": _check_in,
    "face_check": _face_check,
    "identity_code": _identity_code,
    "pair": _pair,
    "draw": _draw,
    "read": _read,
    "enter": _enter,
    "resume": _inside,
    "submit": _inside,
    "seal": _seal,
    "paper": _inside,
    "paper_key": _inside,
}


def window_of(action: str, schedule: Schedule) -> Window:
    """Return the half-open window of an action."""
    return {
        "sign_in": schedule.login,
        "check_in": schedule.login,
        "face_check": schedule.login,
        # As long as a person may still decide about photos.
        "identity_code": Window(
            schedule.login_opens, max(schedule.login_closes, schedule.entry_closes)
        ),
        "pair": Window(schedule.login_opens, schedule.ends),
        "draw": schedule.draw,
        "read": Window(schedule.login_opens, schedule.ends),
        "enter": schedule.entry,
        "resume": schedule.resume,
        "submit": schedule.answering,
        "seal": schedule.upload,
        "paper": schedule.paper_bundle,
        "paper_key": schedule.paper_key,
    }[action]


def refusal_to(action: str, standing: Standing, *, at: datetime) -> Refusal | None:
    """Return why the action is not possible at `at`, or None when it is.

    What the candidate can mend comes first, then the window, so that the words on
    a greyed button are the ones that help.
    """
    if action not in RULES:
        return NotFound()
    refusal = RULES[action](standing, at)
    if refusal:
        return refusal
    window = window_of(action, standing.schedule)
    if window.contains(at):
        return None
    return WindowClosed(opens=window.opens, closes=window.closes)
