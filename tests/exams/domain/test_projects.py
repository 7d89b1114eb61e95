"""The session's machine, publishing, the start of scoring; documents."""

from datetime import timedelta

import pytest

from exams.domain import projects
from exams.domain.audit import Actor
from exams.domain.projects import (
    AlreadyPublished,
    Discarded,
    Frozen,
    SessionUnsound,
    StillAnswering,
    bring_back,
    create_rooms,
    discard_session,
    publish_document,
    publish_session,
    require_unfrozen,
    session_problems,
    start_scoring,
)
from exams.enums import SessionState
from exams.kernel.errors import Conflict, IllegalMove, WindowClosed
from exams.models import AuditEntry, Event, Session
from tests.builders.exams import (
    START,
    after_start,
    before_start,
    make_attempt,
    make_document,
    make_paper,
    make_project,
    make_ready_session,
    make_room,
    make_session,
)

pytestmark = pytest.mark.django_db
AT = before_start(86_400)
BY = Actor("staff", "1")


def problems(**columns):
    session = make_ready_session(**columns)
    return [str(problem) for problem in session_problems(session, at=AT)]


def test_publish_moves_a_sound_draft_with_entry_and_event():
    session = make_ready_session(state="draft")

    publish_session(session, by=BY, at=AT)

    assert Session.objects.get().state == SessionState.PUBLISHED
    entry = AuditEntry.objects.get(chain=session.code)
    assert (entry.action, entry.facts) == ("session.published", {"from": "draft"})
    assert Event.objects.get().payload == {"from": "draft", "to": "published"}


def test_publish_twice_is_an_illegal_move():
    session = make_ready_session(state="draft")
    publish_session(session, by=BY, at=AT)

    with pytest.raises(IllegalMove):
        publish_session(session, by=BY, at=AT)


def test_publish_of_a_row_that_moved_meanwhile_is_a_conflict():
    session = make_ready_session(state="draft")
    publish_session(Session.objects.get(), by=BY, at=AT)

    with pytest.raises(Conflict):
        publish_session(session, by=BY, at=AT)

    assert AuditEntry.objects.count() == 1


def test_publish_of_an_unsound_session_names_every_reason_and_changes_nothing():
    session = make_session(stages=["enter", "enter", "check_in"])

    with pytest.raises(SessionUnsound) as refusal:
        publish_session(session, by=BY, at=AT)

    named = [str(problem) for problem in session_problems(session, at=AT)]
    assert len(named) == 4
    assert refusal.value.facts == {"problems": " ".join(named)}
    assert Session.objects.get().state == SessionState.DRAFT
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize(
    "columns",
    [
        {"time_zone": "Mars/Base"},
        {"starts_at": AT - timedelta(hours=1)},
        {"starts_at": START + timedelta(days=60)},
        {"starts_at": START - timedelta(days=30)},
        {"entry_open_before": 0},
        {"stages": ["check_in", "enter", "answer"]},
        {"stages": ["enter", "check_in", "answer", "upload"]},
        {"stages": ["check_in", "enter", "enter", "answer", "upload"]},
        {"stages": ["check_in", "sleep"]},
        {"paper": None},
    ],
)
def test_unsound_setting_is_a_problem_and_the_preset_is_not(columns):
    assert problems() == []
    assert problems(**columns) != []


def test_paper_of_another_project_is_a_problem():
    assert len(problems(paper=make_paper(make_project()))) == 1


def test_scoring_starts_after_the_end_when_nobody_is_left():
    session = make_ready_session(state="published")
    make_attempt(session, state="submitted")
    make_attempt(session, state="absent")

    start_scoring(session, by=BY, at=after_start(1200))

    assert Session.objects.get().state == SessionState.SCORING


def test_scoring_before_the_end_is_refused():
    session = make_ready_session(state="published")

    with pytest.raises(WindowClosed):
        start_scoring(session, by=BY, at=after_start(1199))


@pytest.mark.parametrize("state", ["enrolled", "checked_in", "entered"])
def test_scoring_while_somebody_is_open_is_refused(state):
    session = make_ready_session(state="published")
    make_attempt(session, state=state)

    with pytest.raises(StillAnswering) as refusal:
        start_scoring(session, by=BY, at=after_start(9999))

    assert refusal.value.facts == {"count": 1}


@pytest.mark.parametrize("state", ["draft", "scoring", "released", "archived"])
def test_scoring_from_another_state_is_an_illegal_move(state):
    session = make_ready_session(state=state)

    with pytest.raises(IllegalMove):
        start_scoring(session, by=BY, at=after_start(9999))


def test_document_is_published_once():
    document = make_document(published_at=None)

    publish_document(document, by=BY, at=AT)

    document.refresh_from_db()
    assert document.published_at == AT
    assert AuditEntry.objects.get().facts == {"kind": "flow", "version": 1}
    with pytest.raises(AlreadyPublished):
        publish_document(document, by=BY, at=AT)


def test_document_published_by_another_meanwhile_is_a_conflict():
    document = make_document(published_at=None)
    publish_document(type(document).objects.get(), by=BY, at=AT)

    with pytest.raises(Conflict):
        publish_document(document, by=BY, at=AT)


def test_frozen_session_is_refused_and_another_is_returned():
    assert require_unfrozen(make_session()).frozen_at is None
    with pytest.raises(Frozen):
        require_unfrozen(make_session(frozen_at=AT))


def test_rooms_are_made_once_by_name():
    session = make_session()
    held = make_room(session, name="第1考场")

    rooms = create_rooms(session, names=["第1考场", "第2考场"])

    assert rooms["第1考场"] == held
    assert sorted(rooms) == ["第1考场", "第2考场"]
    assert session.rooms.count() == 2


def test_moves_of_a_session_are_one_line_and_a_drawer_for_drafts():
    assert {old: set(new) for old, new in projects.MACHINE.moves.items()} == {
        "draft": {"published", "discarded"},
        "discarded": {"draft"},
        "published": {"scoring"},
        "scoring": {"released"},
        "released": {"archived"},
    }


def test_discarded_draft_takes_no_roster_and_comes_back_with_all_it_had():
    session = make_session()
    room = make_room(session)

    discard_session(session, by=BY, at=AT)
    with pytest.raises(Discarded):
        require_unfrozen(session)
    with pytest.raises(IllegalMove):
        publish_session(make_ready_session(state="discarded"), by=BY, at=AT)
    bring_back(session, by=BY, at=AT)

    assert require_unfrozen(session).state == "draft"
    assert [*session.rooms.all()] == [room]


def test_published_session_is_not_discarded():
    with pytest.raises(IllegalMove):
        discard_session(make_session(state="published"), by=BY, at=AT)
