"""Windows of a session, computed and never stored; reads only.

All windows are half-open. Nothing here asks the time: `at` comes in. Code asks
`may_…(at)`; a phase is a label for people only (design §4, R10–R19).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from exams.enums import Phase, SessionKind
from exams.kernel.clock import Window
from exams.models import Attempt, Session


@dataclass(frozen=True)
class Schedule:
    """Every limit of one attempt (or of a session as a whole), as instants in UTC."""

    login_opens: datetime
    entry_opens: datetime
    login_closes: datetime
    entry_closes: datetime
    draw_closes: datetime
    starts: datetime
    answer_from: datetime
    ends: datetime
    evidence_confirm_by: datetime
    failure_report_by: datetime
    upload_closes: datetime

    @classmethod
    def of(cls, session: Session, attempt: Attempt | None = None) -> "Schedule":
        """Compute from `attempt.starts_at or session.starts_at` and the settings.

        A mock opens with the press, `mock_lead` before its own start: what would open
        earlier opens then. Nobody waits for its draw, so that closes with entry.
        """
        starts = (attempt and attempt.starts_at) or session.starts_at
        is_mock = session.kind == SessionKind.MOCK
        if is_mock and not (attempt and attempt.starts_at):
            starts += timedelta(seconds=session.mock_lead)
        login_before, entry_before = (
            session.login_open_before,
            session.entry_open_before,
        )
        login_closes = starts + timedelta(seconds=session.login_close_after_start)
        draw_closes = starts - timedelta(seconds=session.draw_close_before)
        entry_closes = starts + timedelta(seconds=session.entry_close_after_start)
        if attempt and attempt.entry_until:
            # Reopened for one person, identity first; the end stays where it is.
            entry_closes = max(entry_closes, attempt.entry_until)
            login_closes = max(login_closes, attempt.entry_until)
        if is_mock:
            login_before = session.mock_lead
            entry_before = min(entry_before, session.mock_lead)
            draw_closes = entry_closes
        answer_from = starts + timedelta(seconds=session.preparation)
        extra = attempt.extra_seconds if attempt else 0
        ends = answer_from + timedelta(seconds=session.answer + extra)
        return cls(
            login_opens=starts - timedelta(seconds=login_before),
            entry_opens=starts - timedelta(seconds=entry_before),
            login_closes=login_closes,
            entry_closes=entry_closes,
            draw_closes=draw_closes,
            starts=starts,
            answer_from=answer_from,
            ends=ends,
            evidence_confirm_by=ends
            + timedelta(seconds=session.evidence_confirm_within),
            failure_report_by=ends + timedelta(seconds=session.failure_report_within),
            upload_closes=ends + timedelta(seconds=session.upload_cap),
        )

    @property
    def login(self) -> Window:
        return Window(self.login_opens, self.login_closes)

    @property
    def draw(self) -> Window:
        return Window(self.login_opens, self.draw_closes)

    @property
    def entry(self) -> Window:
        return Window(self.entry_opens, self.entry_closes)

    @property
    def resume(self) -> Window:
        """An entered attempt may come back until its end (E13)."""
        return Window(self.entry_opens, self.ends)

    @property
    def answering(self) -> Window:
        return Window(self.starts, self.ends)

    @property
    def paper_bundle(self) -> Window:
        return Window(self.entry_opens, self.ends)

    @property
    def paper_key(self) -> Window:
        return Window(self.starts, self.ends)

    @property
    def upload(self) -> Window:
        return Window(self.login_opens, self.upload_closes)

    def may_sign_in(self, at: datetime) -> bool:
        """Identity may be proved (R11, R14, R15)."""
        return self.login.contains(at)

    def may_draw(self, at: datetime) -> bool:
        """A candidate may still draw by hand (R49, R50)."""
        return self.draw.contains(at)

    def may_enter(self, at: datetime) -> bool:
        """A first entry is possible (R12, R53)."""
        return self.entry.contains(at)

    def may_resume(self, at: datetime) -> bool:
        return self.resume.contains(at)

    def may_have_bundle(self, at: datetime) -> bool:
        return self.paper_bundle.contains(at)

    def may_have_key(self, at: datetime) -> bool:
        """The paper opens at the start second, not a millisecond before (R63)."""
        return self.paper_key.contains(at)

    def phase(self, at: datetime) -> Phase:
        """Return the label that people read; branch on windows instead."""
        steps = [
            (self.login_opens, Phase.UPCOMING),
            (self.entry_opens, Phase.LOGIN),
            (self.starts, Phase.ENTRY),
            (self.ends, Phase.ANSWERING),
            (self.evidence_confirm_by, Phase.UPLOADING),
        ]
        for until, phase in steps:
            if at < until:
                return phase
        return Phase.CLOSED
