"""The freeze: all or nothing, once, and what keeps a session from it."""

from datetime import timedelta

import pytest

from exams.domain import freezing
from exams.domain.audit import Actor, verify_chain
from exams.domain.papers import bundle_for
from exams.kernel.errors import IllegalMove
from exams.models import AuditEntry, Draw, Session
from tests.builders.exams import (
    START,
    before_start,
    make_attempt,
    make_attempts,
    make_paper,
    make_project,
    make_ready_session,
)

pytestmark = pytest.mark.django_db

OFFICER = Actor("staff", "1")
AT = before_start(3600)


def make_freezable(**columns):
    session = make_ready_session(**columns)
    make_attempts(session, 3)
    return session


def refusal_codes(session):
    return [refusal.code for refusal in freezing.refusals_of(session)]


def contradictions_of(session):
    return [
        refusal.facts["fields"]
        for refusal in freezing.refusals_of(session)
        if refusal.code == "contradiction"
    ]


def test_freeze_seals_the_paper_and_commits_the_draw():
    session = make_freezable()
    withdrawn = make_attempt(session, state="withdrawn")

    frozen = freezing.freeze(session, by=OFFICER, at=AT)

    draw = Draw.objects.get(session=session)
    entries = AuditEntry.objects.filter(chain=session.code).order_by("seq")
    assert frozen.frozen_at == AT
    assert len(bundle_for(frozen.paper)) == 16_384 + 32
    assert len(draw.roster) == 3
    assert withdrawn.code not in draw.roster
    assert [entry.action for entry in entries] == ["draw.committed", "session.frozen"]
    assert verify_chain(session.code) == 2


def test_freeze_twice_keeps_the_first_commitment():
    session = freezing.freeze(make_freezable(), by=OFFICER, at=AT)
    first = session.draw.commitment

    again = freezing.freeze(
        Session.objects.get(pk=session.pk), by=OFFICER, at=before_start(60)
    )

    assert again.frozen_at == AT
    assert Draw.objects.get(session=session).commitment == first
    assert AuditEntry.objects.filter(action="session.frozen").count() == 1


def test_freeze_of_a_mock_seals_the_paper_and_draws_nothing():
    session = make_ready_session(kind="mock")

    freezing.freeze(session, by=OFFICER, at=AT)

    assert Session.objects.get(pk=session.pk).frozen_at == AT
    assert not Draw.objects.filter(session=session).exists()


@pytest.mark.parametrize("state", ["draft", "scoring", "released", "archived"])
def test_freeze_from_another_state_is_refused(state):
    session = make_freezable(state=state)

    with pytest.raises(IllegalMove):
        freezing.freeze(session, by=OFFICER, at=AT)


def test_freeze_refused_changes_nothing():
    session = make_ready_session()

    with pytest.raises(freezing.RosterEmpty):
        freezing.freeze(session, by=OFFICER, at=AT)

    stored = Session.objects.get(pk=session.pk)
    assert stored.frozen_at is None
    assert stored.paper.sealed_at is None
    assert not AuditEntry.objects.exists()


def test_sound_session_has_no_refusals():
    assert freezing.refusals_of(make_freezable()) == []


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        ({"entry_open_before": 2000}, "entry_open_before, login_open_before"),
        ({"draw_close_before": 1900}, "draw_close_before, login_open_before"),
        ({"draw_close_before": 1800}, "draw_close_before, login_open_before"),
        (
            {"login_close_after_start": 300},
            "login_close_after_start, entry_close_after_start",
        ),
        ({"entry_close_after_start": 1200}, "entry_close_after_start, answer"),
        (
            {"entry_open_before": 0},
            "entry_open_before, entry_close_after_start",
        ),
        ({"upload_cap": 3000}, "evidence_confirm_within, upload_cap"),
        (
            {"upload_cap": 4000, "failure_report_within": 5000},
            "failure_report_within, upload_cap",
        ),
        (
            {"starts_at": START - timedelta(days=30)},
            "starts_at, project.access_opens_at",
        ),
        (
            {"starts_at": START + timedelta(days=30)},
            "starts_at, project.access_closes_at",
        ),
    ],
)
def test_contradictory_windows_name_both_fields(columns, fields):
    session = make_freezable()

    for name, value in columns.items():
        setattr(session, name, value)

    assert contradictions_of(session) == [fields]


def test_contradiction_speaks_with_the_labels_people_read():
    session = make_freezable()
    session.login_close_after_start = 300

    sentence = str(freezing.refusals_of(session)[0])

    labels = [
        str(Session._meta.get_field(name).verbose_name)
        for name in ("login_close_after_start", "entry_close_after_start")
    ]
    assert all(label in sentence for label in labels)


def test_unknown_time_zone_is_refused():
    assert refusal_codes(make_freezable(time_zone="Asia/Beijing")) == [
        "time_zone_unknown"
    ]


@pytest.mark.parametrize(
    "stages",
    [
        ["enter", "answer"],
        ["check_in", "draw", "enter", "answer", "upload"],
        ["devices", "check_in", "draw", "flow", "commitment", "enter", "answer"],
        ["check_in", "enter", "paper_check", "information", "answer", "upload"],
    ],
)
def test_stages_in_a_possible_order_are_sound(stages):
    assert refusal_codes(make_freezable(stages=stages)) == []


@pytest.mark.parametrize(
    "stages",
    [
        [],
        "enter",
        None,
        {"enter": 1, "answer": 2},
        ["enter"],
        ["answer"],
        ["answer", "enter"],
        ["enter", "enter", "answer"],
        ["enter", "answer", "coffee"],
        ["enter", "draw", "answer"],
        ["draw", "check_in", "enter", "answer"],
        ["flow", "check_in", "enter", "answer"],
        ["information", "enter", "answer"],
        ["enter", "answer", "information"],
        ["enter", "upload", "answer"],
        ["enter", ["answer"]],
    ],
)
def test_stages_in_an_impossible_order_are_refused(stages):
    session = make_freezable()
    session.stages = stages

    assert refusal_codes(session) == ["stages_unsound"]


def test_paper_missing_foreign_or_incomplete_is_refused():
    project = make_project()
    papers = [
        None,
        make_paper(),
        make_paper(project, questions=0),
        make_paper(project, criteria=0),
    ]

    codes = [
        refusal_codes(make_freezable(project=project, paper=paper)) for paper in papers
    ]

    assert codes == [["paper_missing"]] * 4


def test_mock_needs_no_criteria():
    project = make_project()
    paper = make_paper(project, criteria=0)
    session = make_ready_session(project=project, paper=paper, kind="mock")

    assert refusal_codes(session) == []


def test_sweep_freezes_when_sign_in_opens_and_not_before():
    session = make_freezable()

    early = freezing.sweep_freezes(at=before_start(1801))
    due = freezing.sweep_freezes(at=before_start(1800))
    again = freezing.sweep_freezes(at=before_start(1700))

    assert (early, due, again) == (0, 1, 0)
    assert Session.objects.get(pk=session.pk).frozen_at == before_start(1800)


def test_sweep_goes_on_after_a_session_that_cannot_be_frozen(caplog):
    make_ready_session()
    make_freezable(state="draft")
    sound = make_freezable()

    frozen = freezing.sweep_freezes(at=before_start(1800))

    assert frozen == 1
    assert Session.objects.get(pk=sound.pk).frozen_at == before_start(1800)
    assert "roster_empty" in caplog.text
