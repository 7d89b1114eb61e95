"""A session looked at as a whole: settings that exclude each other (design §4).

Pure but for reading the session's project, paper and stage list. The form, publishing
and the freeze ask the same function, so that none lets through what another refuses.
"""

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from exams.domain.mock_windows import last_end
from exams.domain.schedule import Schedule
from exams.enums import FocusPolicy, GroupCorrection, IdentityMethod, SessionKind, Stage
from exams.kernel.errors import Refusal
from exams.models import Session

Clashes = dict[tuple[str, str], bool]


class Contradiction(Refusal):
    """Two fields of the session exclude each other; both are named.

    Facts: `first`, `second` (the labels people read), `fields` (their names).
    """

    code = "contradiction"
    status = 422
    message = _(
        "“%(first)s” and “%(second)s” contradict each other. Change one of them."
    )

    def __init__(self, session: Session, first: str, second: str) -> None:
        super().__init__(
            first=_label(session, first),
            second=_label(session, second),
            fields=f"{first}, {second}",
        )

    @property
    def fields(self) -> list[str]:
        return str(self.facts["fields"]).split(", ")


def contradictions(session: Session) -> list[Contradiction]:
    """Return every pair of settings that cannot both hold; empty when sound."""
    before = (
        _clashes_of_mock_window(session)
        if session.kind == SessionKind.MOCK
        else _clashes_before_start(session)
    )
    clashes = {**before, **_clashes_after_start(session), **_clashes_of_rules(session)}
    return [
        Contradiction(session, *fields) for fields, clash in clashes.items() if clash
    ]


def _clashes_before_start(session: Session) -> Clashes:
    plan = Schedule.of(session)
    # A draw that nobody can press is a clash only where pressing is a stage.
    draws = isinstance(session.stages, list) and Stage.DRAW in session.stages
    never = draws and plan.draw_closes == plan.login_opens
    return {
        ("entry_open_before", "login_open_before"): plan.entry_opens < plan.login_opens,
        ("draw_close_before", "login_open_before"): never
        or plan.draw_closes < plan.login_opens,
        ("starts_at", "project.access_opens_at"): plan.login_opens
        < session.project.access_opens_at,
        ("starts_at", "project.access_closes_at"): plan.ends
        > session.project.access_closes_at,
    }


def _clashes_of_mock_window(session: Session) -> Clashes:
    closes = session.mock_closes_at
    return {
        ("starts_at", "mock_closes_at"): closes is None or closes <= session.starts_at,
        ("starts_at", "project.access_opens_at"): session.starts_at
        < session.project.access_opens_at,
        ("mock_closes_at", "project.access_closes_at"): last_end(session)
        > session.project.access_closes_at,
    }


def _clashes_after_start(session: Session) -> Clashes:
    plan = Schedule.of(session)
    return {
        ("login_close_after_start", "entry_close_after_start"): plan.login_closes
        > plan.entry_closes,
        ("entry_close_after_start", "answer"): plan.entry_closes >= plan.ends,
        ("entry_open_before", "entry_close_after_start"): plan.entry_opens
        >= plan.entry_closes,
        ("evidence_confirm_within", "upload_cap"): plan.evidence_confirm_by
        > plan.upload_closes,
        ("failure_report_within", "upload_cap"): plan.failure_report_by
        > plan.upload_closes,
    }


def _clashes_of_rules(session: Session) -> Clashes:
    stages = session.stages if isinstance(session.stages, list) else []
    # The face is never the only way: a person can always decide (G2).
    no_person = IdentityMethod.HUMAN not in session.identity_methods
    limited = session.focus_loss == FocusPolicy.LIMIT
    return {
        ("identity_methods", "stages"): Stage.CHECK_IN in stages and no_person,
        ("focus_loss", "focus_limit"): limited == (session.focus_limit is None),
        # Longer than everything there is to be silent in: it would never be told.
        ("reconnect_grace", "answer"): (session.reconnect_grace or 0)
        >= session.preparation + session.answer,
        ("group_correction", "kind"): session.group_correction != GroupCorrection.NONE
        and session.kind == SessionKind.MOCK,
        # Where nobody can press, only the closing deals the numbers (G6).
        ("auto_assign", "stages"): session.kind == SessionKind.FORMAL
        and not session.auto_assign
        and Stage.DRAW not in stages,
        ("mock_required", "kind"): session.mock_required
        and session.kind == SessionKind.MOCK,
        ("per_question_timers", "answer"): session.per_question_timers
        and _question_seconds(session) > session.answer,
        ("per_question_timers", "paper"): session.per_question_timers
        and session.paper is not None
        and session.paper.questions.filter(seconds=0).exists(),
    }


def _question_seconds(session: Session) -> int:
    if session.paper is None:
        return 0
    return session.paper.questions.aggregate(total=Sum("seconds"))["total"] or 0


def _label(session: Session, field: str) -> str:
    row, name = session, field
    if field.startswith("project."):
        row, name = session.project, field.removeprefix("project.")
    return str(row._meta.get_field(name).verbose_name)
