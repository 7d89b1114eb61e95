"""A catalogue, incidents and cases at any point of their way, built by the domain."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

from django.conf import settings

from candidates.models import Manifest, Observation
from exams.domain.audit import Actor
from exams.enums import Role
from exams.kernel.clock import milliseconds
from exams.models import Attempt, Project, Session, Staff
from proctoring.domain import articles, cases, incidents, rulings
from proctoring.models import Article, Case, Incident
from tests.builders.approvals import JUDGED, make_officials
from tests.builders.candidates import make_lease, make_recording
from tests.builders.exams import START, after_start, make_assignment, make_staff
from tests.builders.scoring import MEDIA

SEEN_AT = after_start(500)
CLIP = {"from_at": after_start(480), "to_at": after_start(520)}
ANSWERED_AT = JUDGED + timedelta(hours=2)
RULED_AT = JUDGED + timedelta(hours=30)
REASONS = "录像可见。"


def make_article(project: Project, code: str = "1.1") -> Article:
    """An article of the project's catalogue, which is made from the preset."""
    articles.make_catalogue(project, by=Actor.job("test"), at=START)
    return Article.objects.get(project=project, code=code, is_current=True)


def make_observation(attempt: Attempt, **columns: object) -> Observation:
    columns.setdefault("kind", "focus_lost")
    columns.setdefault("from_at", SEEN_AT)
    return Observation.objects.create(attempt=attempt, **columns)


def make_proctor(attempt: Attempt) -> Staff:
    """A proctor of the attempt's room, or of its session without one."""
    staff = make_staff()
    scope = {"room": attempt.room} if attempt.room else {"session": attempt.session}
    make_assignment(staff, role=Role.PROCTOR, **scope)
    return staff


def make_incident(attempt: Attempt, by: Staff | None = None) -> Incident:
    """An open incident that staff noted."""
    return incidents.note_incident(
        attempt,
        article=make_article(attempt.session.project),
        note="画面中有第二人",
        by=by or make_proctor(attempt),
        at=SEEN_AT,
        **CLIP,
    )


def make_court(session: Session) -> SimpleNamespace:
    """Three officials: who opens, who confirms, and a spare one."""
    first, second, third = make_officials(session, 3)
    return SimpleNamespace(first=first, second=second, third=third)


def make_case(attempt: Attempt, court: SimpleNamespace, **how: object) -> Case:
    """An opened case on one incident."""
    project = attempt.session.project
    return cases.open_case(
        attempt,
        article=how.get("article") or make_article(project),
        facts="09:08:19 起约 15 秒，画面右侧出现另一人。",
        incidents=[make_incident(attempt)],
        by=court.first,
        at=JUDGED,
        **CLIP,
    )


def confirm(case: Case, court: SimpleNamespace) -> Case:
    return cases.confirm_case(case, reason="录像属实", by=court.second, at=JUDGED)


def make_noticed_case(attempt: Attempt, court: SimpleNamespace, **how: object) -> Case:
    case = confirm(make_case(attempt, court, **how), court)
    cases.send_notice(case, by=court.first, at=JUDGED)
    return case


def make_heard_case(attempt: Attempt, court: SimpleNamespace, **how: object) -> Case:
    """A case whose candidate has stated."""
    case = make_noticed_case(attempt, court, **how)
    lease = how.get("lease") or make_lease(attempt)
    cases.state_case(case, text="开门的是家中老人。", lease=lease, at=ANSWERED_AT)
    return case


def rule(case: Case, court: SimpleNamespace, outcome: str = "void", at=RULED_AT):
    """Two officials rule."""
    proposal = rulings.propose_ruling(
        case, outcome=outcome, reasons=REASONS, by=court.first, at=at
    )
    return rulings.approve_ruling(proposal, by=court.second, at=at)


def make_film(attempt: Attempt, stream: str = "camera", *, data: bytes = MEDIA) -> str:
    """An archived recording of one film over two runs; returns its stream."""
    first, second = uuid4(), uuid4()
    recording = make_recording(
        attempt, stream=stream, state="sealed", sealed_at=after_start(3600)
    )
    name = f"{recording.code.hex}/archive/1.webm"
    path = Path(settings.RECORDINGS_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    started = milliseconds(START)
    Manifest.objects.create(
        recording=recording,
        body={
            "segments": [
                {"uuid": str(first), "started_ms": started},
                {"uuid": str(second), "started_ms": started + 500_000},
            ]
        },
        digest="0d" * 32,
        path="x.json",
        media=[
            {
                "path": name,
                "mime": "video/webm",
                "duration_ms": 700_000,
                "digest": "0f" * 32,
                "segments": [
                    {"uuid": str(first), "from_ms": 0},
                    {"uuid": str(second), "from_ms": 400_000},
                ],
            }
        ],
        created_at=after_start(3700),
    )
    return stream
