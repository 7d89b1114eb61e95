"""Mock tests: whether one may be started, and how those that were taken ended.

The home page draws its button from `refusal_to_start` and `domain/mocks` refuses by it.
Reads only. Nothing here bars anybody from a formal exam (R5).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from candidates.enums import MockEnd, RecordingState
from candidates.models import Candidate, Enrolment, Recording, StagePassage
from exams.domain import mock_windows
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, SessionKind, SessionState, Stage
from exams.kernel.errors import Refusal
from exams.models import Attempt, Session
from exams.queries.draws import practice_number

SHOWN_TIME = "Y-m-d H:i"
DEVICE_NAMES = ("camera", "microphone")


class MockWindowClosed(Refusal):
    """Facts: `opens` and `closes` as text in the session's zone, `zone`."""

    code = "mock_window_closed"
    message = _(
        "A mock test can be started from %(opens)s until %(closes)s (%(zone)s)."
    )


class MockQuotaUsed(Refusal):
    """Facts: `next` as text in the session's zone, `zone`."""

    code = "mock_quota_used"
    message = _(
        "Today's mock tests are used up. The next is possible from %(next)s (%(zone)s)."
    )


class MockQuotaEnded(Refusal):
    """The quota is used and the window closes before the next day begins."""

    code = "mock_quota_ended"
    message = _("Today's mock tests are used up, and today is the last day for them.")


@dataclass(frozen=True)
class MockUpload:
    """One stream of a mock and how far its recording is."""

    stream_label: str
    state: str
    state_label: str


@dataclass(frozen=True)
class MockOutcome:
    """One mock that was taken: attendance, stages, devices, upload (R5)."""

    code: str
    day: date
    ordinal: int
    number: int
    pressed_at: datetime
    starts_at: datetime
    ends_at: datetime
    end: str
    end_label: str
    has_entered: bool
    stages_done: tuple[str, ...]
    stages_total: int
    devices: tuple[str, ...]
    uploads: tuple[MockUpload, ...]


@dataclass(frozen=True)
class MockTaken:
    """One line of a board: who took a mock, and how it ended."""

    ticket_number: str
    name: str
    outcome: MockOutcome


@dataclass(frozen=True)
class MockCard:
    """The home page's card of one mock session; instants are aware and in UTC."""

    code: str
    title: str
    time_zone: str
    opens: datetime
    closes: datetime
    per_day: int
    left_today: int
    lead_minutes: int
    running: str
    why_not: Refusal | None
    taken: tuple[MockOutcome, ...]

    @property
    def may_start(self) -> bool:
        return self.why_not is None

    @property
    def is_done(self) -> bool:
        """A mock was taken and is over: the time for advice (R6)."""
        return any(outcome.end != MockEnd.RUNNING for outcome in self.taken)


def mock_sessions_of(candidate: Candidate) -> list[Session]:
    """Return the mock sessions that this candidate may know of."""
    return list(
        Session.objects.filter(project=candidate.project_id, kind=SessionKind.MOCK)
        .exclude(state__in=SessionState.UNSEEN)
        .order_by("starts_at", "pk")
    )


def mocks_taken(candidate: Candidate, session: Session) -> list[Enrolment]:
    """Return the candidate's mocks in this session, the latest first."""
    return list(_mocks_of(candidate).filter(session=session))


def is_running(attempt: Attempt, *, at: datetime) -> bool:
    """Return whether a mock can still be entered, or was entered and goes on."""
    schedule = Schedule.of(attempt.session, attempt)
    if attempt.state in AttemptState.BEFORE_ENTRY:
        return not schedule.entry.is_over(at)
    return attempt.state == AttemptState.ENTERED and at < schedule.ends


def running_mock(taken: Sequence[Enrolment], *, at: datetime) -> Attempt | None:
    """Return the mock that goes on at `at`: there is never more than one."""
    for enrolment in taken:
        if is_running(enrolment.attempt, at=at):
            return enrolment.attempt
    return None


def taken_on(taken: Sequence[Enrolment], day: date) -> int:
    """Return how many mocks were started on this day of the session's zone."""
    return sum(enrolment.mock_day == day for enrolment in taken)


def refusal_to_start(
    session: Session, taken: Sequence[Enrolment], *, at: datetime
) -> Refusal | None:
    """Return why no mock can be started at `at`, or None when one can (R2, R3)."""
    window = mock_windows.window_of(session)
    if session.state != SessionState.PUBLISHED or not window.contains(at):
        return MockWindowClosed(
            opens=_shown(session, window.opens),
            closes=_shown(session, window.closes),
            zone=session.time_zone,
        )
    day = mock_windows.local_day(session, at)
    if taken_on(taken, day) < session.mock_per_day:
        return None
    following = mock_windows.next_day_begins(session, day)
    if not window.contains(following):
        return MockQuotaEnded()
    return MockQuotaUsed(next=_shown(session, following), zone=session.time_zone)


def mock_cards(candidate: Candidate, *, at: datetime) -> list[MockCard]:
    """Return one card per mock session of the candidate's project; four queries."""
    sessions = mock_sessions_of(candidate)
    if not sessions:
        return []
    taken: dict[int, list[Enrolment]] = defaultdict(list)
    outcomes: dict[int, list[MockOutcome]] = defaultdict(list)
    rows = list(_mocks_of(candidate))
    for enrolment, outcome in zip(rows, outcomes_of(rows, at=at), strict=True):
        taken[enrolment.session_id].append(enrolment)
        outcomes[enrolment.session_id].append(outcome)
    return [
        _card(session, taken[session.pk], outcomes[session.pk], at=at)
        for session in sessions
    ]


def mock_outcomes(session: Session, *, at: datetime) -> list[MockTaken]:
    """Return every mock of this session, the earliest first; three queries (R5)."""
    taken = list(
        Enrolment.objects.filter(session=session, mock_day__isnull=False)
        .select_related("attempt__session", "candidate")
        .order_by("attempt__starts_at", "pk")
    )
    outcomes = outcomes_of(taken, at=at)
    return [
        MockTaken(
            ticket_number=enrolment.candidate.ticket_number,
            name=enrolment.candidate.name,
            outcome=outcome,
        )
        for enrolment, outcome in zip(taken, outcomes, strict=True)
    ]


def outcomes_of(taken: Sequence[Enrolment], *, at: datetime) -> list[MockOutcome]:
    """Return how each of these mocks ended, in their order; two queries."""
    attempts = [enrolment.attempt_id for enrolment in taken]
    passages: dict[int, list[StagePassage]] = defaultdict(list)
    for row in StagePassage.objects.filter(attempt__in=attempts).order_by("at", "pk"):
        passages[row.attempt_id].append(row)
    recordings: dict[int, list[Recording]] = defaultdict(list)
    for row in Recording.objects.filter(attempt__in=attempts).order_by("stream"):
        recordings[row.attempt_id].append(row)
    return [
        _outcome(
            enrolment,
            passages[enrolment.attempt_id],
            recordings[enrolment.attempt_id],
            at=at,
        )
        for enrolment in taken
    ]


def _mocks_of(candidate: Candidate) -> QuerySet[Enrolment]:
    return (
        Enrolment.objects.filter(candidate=candidate, mock_day__isnull=False)
        .select_related("attempt__session")
        .order_by("-mock_day", "-mock_ordinal")
    )


def _card(
    session: Session,
    taken: list[Enrolment],
    outcomes: list[MockOutcome],
    *,
    at: datetime,
) -> MockCard:
    window = mock_windows.window_of(session)
    running = running_mock(taken, at=at)
    used = taken_on(taken, mock_windows.local_day(session, at))
    return MockCard(
        code=session.code,
        title=session.title,
        time_zone=session.time_zone,
        opens=window.opens,
        closes=window.closes,
        per_day=session.mock_per_day,
        left_today=max(0, session.mock_per_day - used),
        lead_minutes=-(-session.mock_lead // 60),
        running=running.code if running else "",
        why_not=refusal_to_start(session, taken, at=at),
        taken=tuple(outcomes),
    )


def _outcome(
    enrolment: Enrolment,
    passages: list[StagePassage],
    recordings: list[Recording],
    *,
    at: datetime,
) -> MockOutcome:
    attempt = enrolment.attempt
    session = attempt.session
    schedule = Schedule.of(session, attempt)
    end = _end_of(attempt, recordings, at=at)
    done = [Stage(row.stage) for row in passages]
    return MockOutcome(
        code=attempt.code,
        day=enrolment.mock_day,
        ordinal=enrolment.mock_ordinal,
        number=practice_number(attempt),
        pressed_at=schedule.starts - timedelta(seconds=session.mock_lead),
        starts_at=schedule.starts,
        ends_at=schedule.ends,
        end=end.value,
        end_label=str(end.label),
        has_entered=attempt.entered_at is not None,
        stages_done=tuple(str(stage.label) for stage in done),
        # Answering and uploading are finished by the end and the seal, not by a row.
        stages_total=len(set(session.stages) - {Stage.ANSWER, Stage.UPLOAD}),
        devices=tuple(_devices_of(passages)),
        uploads=tuple(
            MockUpload(
                stream_label=row.get_stream_display(),
                state=row.state,
                state_label=row.get_state_display(),
            )
            for row in recordings
        ),
    )


def _end_of(attempt: Attempt, recordings: list[Recording], *, at: datetime) -> MockEnd:
    """Return the worst that is true, so that "all received" is never a guess."""
    if is_running(attempt, at=at):
        return MockEnd.RUNNING
    if attempt.entered_at is None:
        return MockEnd.NOT_ENTERED
    states = {recording.state for recording in recordings}
    if RecordingState.NEEDS_REVIEW in states:
        return MockEnd.PROBLEMS
    if not states or RecordingState.OPEN in states:
        return MockEnd.INCOMPLETE
    if any(recording.complete is False for recording in recordings):
        return MockEnd.PROBLEMS
    return MockEnd.RECEIVED if RecordingState.SEALED in states else MockEnd.COMPLETE


def _devices_of(passages: list[StagePassage]) -> list[str]:
    """Return the names that the browser gave, as confirmed last."""
    names: dict[str, str] = {}
    for row in passages:
        if row.stage in (Stage.DEVICES, Stage.DEVICE_CONFIRMATION):
            names.update(
                {name: row.facts[name] for name in DEVICE_NAMES if row.facts.get(name)}
            )
    return list(names.values())


def _shown(session: Session, at: datetime) -> str:
    local = timezone.localtime(at, mock_windows.zone_of(session))
    return date_format(local, SHOWN_TIME)
