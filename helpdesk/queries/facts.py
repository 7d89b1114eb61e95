"""What is known of an asker's passage and computer; no name, no question.

The browser tells one part with the request, the server knows the other by itself.
"""

from dataclasses import dataclass
from datetime import datetime

from candidates.models import CheckIn, DeviceLease
from candidates.queries.identity_codes import uses_codes
from candidates.queries.ledger import recordings_state
from candidates.queries.standing import standing_of
from exams.enums import AttemptState, Stage
from exams.models import Attempt
from helpdesk.models import Request


@dataclass(frozen=True)
class Facts:
    """`told` is what the browser said when it asked; the rest is the server's own."""

    told: dict
    state_label: str = ""
    stage_label: str = ""
    lease_label: str = ""
    device: str = ""
    number: int | None = None
    check_in: int | None = None
    # The attempt for which a code can be given, if any.
    code_for: str = ""
    recordings: tuple[dict, ...] = ()


def facts_of(row: Request, *, at: datetime) -> Facts:
    """Return what the desk shows beside a conversation."""
    if row.attempt is None:
        return Facts(told=row.diagnostics)
    lease = (
        DeviceLease.objects.filter(attempt=row.attempt)
        .select_related("attempt__session__project")
        .order_by("-epoch", "-pk")
        .first()
    )
    state = AttemptState(row.attempt.state).label
    if lease is None:
        return Facts(told=row.diagnostics, state_label=state)
    standing = standing_of(lease)
    waiting = CheckIn.objects.filter(attempt=row.attempt, state="waiting").first()
    return Facts(
        told=row.diagnostics,
        state_label=state,
        stage_label=Stage(standing.current_stage(at)).label,
        lease_label=lease.get_state_display(),
        device=lease.device,
        number=standing.number,
        check_in=waiting.pk if waiting else None,
        code_for=_code_for(standing.attempt),
        recordings=tuple(recordings_state(row.attempt)),
    )


def _code_for(attempt: Attempt) -> str:
    is_before = attempt.state in AttemptState.BEFORE_ENTRY
    return attempt.code if is_before and uses_codes(attempt.session) else ""
