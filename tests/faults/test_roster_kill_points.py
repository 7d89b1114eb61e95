"""An import dies as by SIGKILL in the middle: nothing of it is there, and it goes again."""

import io
import signal

import pytest

from candidates.domain import roster_parts
from candidates.domain.roster import preview_roster
from candidates.models import Candidate, Enrolment, RosterImport, RosterPart
from exams.domain.audit import verify_chain
from exams.models import Attempt, AuditEntry, Room
from tests.builders import forks
from tests.builders.exams import before_start, make_administrator, make_session
from tests.builders.rosters import make_csv, make_people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
JOB = """
from candidates.domain.roster import commit_roster
from candidates.models import RosterImport
from exams.domain.audit import Actor
from exams.kernel import clock
commit_roster(RosterImport.objects.get(), by=Actor("staff", "1"), at=clock.now())
"""


@pytest.mark.parametrize(
    "point", ["roster.part_0", "roster.part_1", "roster.part_2", "roster.written"]
)
def test_import_killed_at_any_part_leaves_nothing_and_can_be_committed(
    monkeypatch, point
):
    monkeypatch.setattr(roster_parts, "PART_ROWS", 2)
    session = make_session()
    preview_roster(
        session,
        file=io.BytesIO(make_csv(make_people(6))),
        filename="名册.csv",
        by=make_administrator(),
        at=before_start(86_400),
    )
    before = held()

    assert run(kill_at=point) == -signal.SIGKILL
    assert held() == before == {**dict.fromkeys(WRITTEN, 0), "parts": 3, "audited": 1}

    assert run() == 0
    assert held() == {
        "Candidate": 6,
        "Enrolment": 6,
        "Attempt": 6,
        "Room": 3,
        "parts": 0,
        "audited": 2,
    }
    assert RosterImport.objects.get().state == "committed"
    assert verify_chain(session.code) == 2


WRITTEN = ("Candidate", "Enrolment", "Attempt", "Room")


def held() -> dict[str, int]:
    counts = {
        m.__name__: m.objects.count() for m in (Candidate, Enrolment, Attempt, Room)
    }
    audited = AuditEntry.objects.filter(action__startswith="roster.").count()
    return {**counts, "parts": RosterPart.objects.count(), "audited": audited}


def run(*, kill_at: str = "") -> int:
    return forks.run(JOB, KAOWU_KILL_AT=kill_at)[0]
