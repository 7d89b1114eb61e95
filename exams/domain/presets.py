"""What the two documents prescribe, as settings of a session; pure (requirements 2.3).

A has attachments and shows a + 5 min sentence that its own rules contradict (R14,
R15): it closes at the start, and the sentence is warned about. B has a commitment
letter and an exam notice. Both are test fixtures.
"""

from exams.enums import DocumentKind, Preset, SessionKind, Stage
from exams.models.project import (
    every_method,
    every_platform,
    preset_a,
    preset_b,
)

_COMMON: dict[str, object] = {
    "login_open_before": 1800,  # R11
    "entry_open_before": 600,  # R12
    "login_close_after_start": 0,  # R15
    "entry_close_after_start": 0,  # R16
    "draw_close_before": 600,  # R49, R50
    "auto_assign": True,  # R50, G6
    "preparation": 0,
    "answer": 1200,
    "evidence_confirm_within": 3600,  # R18
    "failure_report_within": 1800,  # R19
    "upload_lock_home": True,  # R72
    "mock_per_day": 1,  # R3
    "mock_required": False,  # R5
    "per_question_timers": False,
    "single_display": "require",  # R55
    "headphones": "forbid",  # R37
    "focus_loss": "log",  # R57
    "reconnect_grace": None,  # R69: go on, and come back
    "room_pan_required": True,  # R46
    "recheck_window": 259_200,  # practice S8
    "group_correction": "none",
    "identity_methods": every_method(),  # R41, G2
    "allowed_platforms": every_platform(),  # R25, lifted
}
# The documents that each preset asks for, beside the exam flow (R51, R52).
DOCUMENTS: dict[str, tuple[str, ...]] = {
    Preset.A: (DocumentKind.FLOW, DocumentKind.RULES, DocumentKind.ATTACHMENT),
    Preset.B: (DocumentKind.FLOW, DocumentKind.COMMITMENT, DocumentKind.NOTICE),
}


def settings_of(preset: str, kind: str = SessionKind.FORMAL) -> dict[str, object]:
    """Return the columns of a new session by preset (`a`, `b`) and kind.

    A mock passes the same stages (R4); B names no paper check (requirements 2.1).
    """
    stages = preset_a() if preset == Preset.A else preset_b()
    if preset == Preset.B:
        stages = [stage for stage in stages if stage != Stage.PAPER_CHECK]
    return {**_COMMON, "kind": str(kind), "stages": [str(stage) for stage in stages]}
