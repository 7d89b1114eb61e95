"""The one state reply: every button, clock and total of the candidate's page."""

from datetime import datetime

from candidates.enums import FaceReason
from candidates.models import DeviceLease
from candidates.queries import rights
from candidates.queries.companions import companion_state
from candidates.queries.focus import focus_state
from candidates.queries.inbox import unread_count
from candidates.queries.ledger import recordings_state
from candidates.queries.platforms import LABELS, computer_refusal, platform_of
from candidates.queries.rights import Standing
from candidates.queries.silences import last_pause
from candidates.queries.standing import lease_by_digest, standing_of
from candidates.queries.uploading import is_home_locked
from exams.enums import AttemptState, Stage
from exams.kernel.clock import Window, milliseconds
from exams.kernel.errors import Refusal
from exams.queries.events import cursor_of

TURNS = 3
DEADLINES = (
    "login_opens",
    "login_closes",
    "entry_opens",
    "entry_closes",
    "draw_closes",
    "starts",
    "answer_from",
    "ends",
    "evidence_confirm_by",
    "failure_report_by",
    "upload_closes",
)


def settled_state(lease: DeviceLease, *, at: datetime) -> tuple[dict, DeviceLease]:
    """Return a state reply of one instant, and the lease as it was then.

    The lease as `lease_by_digest` read it. Whatever changes two things of an attempt at
    once publishes an event in the same transaction, so that a reading between two equal
    cursors is one snapshot; otherwise all is read again, lease and attempt too. Nobody
    waits for more than a few turns: what is newer than the cursor is then delivered.
    """
    state = state_of(lease, at=at)
    for _turn in range(TURNS):
        if cursor_of(f"attempt:{lease.attempt.code}") == lease.cursor:
            break
        lease = lease_by_digest(lease.token_digest) or lease
        state = state_of(lease, at=at)
    return state, lease


def state_of(lease: DeviceLease, *, at: datetime) -> dict:
    """Return the state reply of the contract, all but the edge token.

    Five queries beyond the lease, one for the phone where the session asks for it, one
    for pauses and one to warn of leaving the page where it notes them, and two after
    the end, for the way home.
    The cursor came with the lease, before the rest: an event written meanwhile is
    delivered again rather than lost.
    """
    standing = standing_of(lease)
    recordings = recordings_state(lease.attempt)
    return {
        "server_ms": milliseconds(at),
        "cursor": lease.cursor,
        "phase": standing.schedule.phase(at).value,
        "attempt": _attempt(standing, at),
        "session": _session(standing),
        "stages": _stages(standing, at),
        "stage": str(standing.current_stage(at)),
        "may": {action: _may(action, standing, at) for action in rights.RULES},
        "deadlines": {
            name: milliseconds(getattr(standing.schedule, name)) for name in DEADLINES
        },
        "lease": {"state": lease.state, "level": lease.level, "epoch": lease.epoch},
        "computer": _computer(lease),
        "focus": focus_state(lease.attempt),
        "check_in": {
            "state": standing.check_in.state if standing.check_in else None,
            "reason": standing.check_in.reason if standing.check_in else "",
            "tries": standing.tries,
            "face": _face(standing),
        },
        "pause": _pause(standing),
        "unread": unread_count(lease.attempt),
        "companion": companion_state(standing.attempt, at=at),
        "recordings": recordings,
        "home_locked": is_home_locked(lease, at=at),
        "purge_ok": bool(recordings) and all(row["purge_ok"] for row in recordings),
    }


def _attempt(standing: Standing, at: datetime) -> dict:
    attempt = standing.attempt
    submitted_at, submitted_by = attempt.submitted_at, attempt.submitted_by
    state = attempt.state
    if state == AttemptState.ENTERED and standing.is_over(at):
        # The deadline passed and the sweep has not stored it yet.
        state, submitted_by = AttemptState.SUBMITTED.value, "deadline"
        submitted_at = standing.schedule.ends
    return {
        "code": attempt.code,
        "state": state,
        "sequence_number": standing.number,
        "kind": attempt.session.kind,
        "entered_ms": _ms(attempt.entered_at),
        "submitted_ms": _ms(submitted_at),
        "submitted_by": submitted_by,
    }


def _session(standing: Standing) -> dict:
    session = standing.attempt.session
    return {
        "code": session.code,
        "title": session.title,
        "time_zone": session.time_zone,
        "slice_ms": session.slice_ms,
        "single_display": session.single_display,
        "per_question_timers": session.per_question_timers,
        "hotline": session.project.hotline,
        "hotline_hours": session.project.hotline_hours,
        "project": session.project.slug,
        "project_title": session.project.title,
    }


def _stages(standing: Standing, at: datetime) -> list[dict]:
    current = standing.current_stage(at)
    return [
        {
            "key": name,
            "title": str(Stage(name).label),
            "state": _stage_state(standing, name, current, at),
            "done_ms": _ms(standing.done.get(name)),
        }
        for name in standing.stages()
    ]


def _stage_state(standing: Standing, name: str, current: str, at: datetime) -> str:
    if name == current:
        return "current"
    answered = name == Stage.ANSWER and standing.is_over(at)
    return "done" if name in standing.done or answered else "todo"


def _may(action: str, standing: Standing, at: datetime) -> dict:
    window: Window = rights.window_of(action, standing.schedule)
    refusal = rights.refusal_to(action, standing, at=at)
    return {
        "open": refusal is None,
        "opens_ms": _ms(window.opens),
        "closes_ms": _ms(window.closes),
        "why_not": _why(refusal),
    }


def _why(refusal: Refusal | None) -> dict | None:
    if refusal is None:
        return None
    return {"code": refusal.code, "message": str(refusal)}


def _computer(lease: DeviceLease) -> dict:
    """Return what the browser reports, in words, and why that is not allowed (R25)."""
    return {
        "platform": str(LABELS[platform_of(lease.device)]),
        "why_not": _why(computer_refusal(lease)),
    }


def _face(standing: Standing) -> dict:
    """Return what the last face check came to, and how many are left."""
    last = standing.face.last
    return {
        "state": last.state if last else None,
        "reasons": [FaceReason(code).label for code in last.reasons] if last else [],
        "tries_left": standing.face.tries_left,
    }


def _pause(standing: Standing) -> dict | None:
    """Return the newest silence of the computer that was noted, if any (R69)."""
    attempt = standing.attempt
    if attempt.session.reconnect_grace is None:
        return None
    noted = last_pause(attempt)
    return {"from_ms": _ms(noted.from_at)} if noted else None


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
