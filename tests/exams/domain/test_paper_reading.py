"""A sealed paper is read by two people, once each, and never without a trace."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from exams.domain import paper_reading
from exams.domain.approvals import ApprovalExpired, NotApproved, SamePerson
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, verify_chain
from exams.domain.paper_reading import agree_reading, ask_reading, open_paper
from exams.domain.papers import PaperNotSealed, seal_paper
from exams.kernel.errors import NotAllowed
from exams.models import AuditEntry, PaperOpening, PaperReading
from tests.builders.exams import (
    before_start,
    make_administrator,
    make_assignment,
    make_paper,
    make_ready_session,
    make_staff,
)

pytestmark = pytest.mark.django_db
AT = before_start(7200)
HOUR = timedelta(hours=1)
TICK = timedelta(milliseconds=1)


@pytest.fixture
def session():
    return make_ready_session()


@pytest.fixture
def paper(session):
    return seal_paper(session.paper, by=Actor.job("test"), at=AT)


@pytest.fixture
def pair():
    return make_administrator(), make_administrator()


def ask(paper, by, at=AT, reason="A misprint was reported"):
    return ask_reading(paper, reason=reason, by=by, at=at)


def agreed(paper, pair):
    return agree_reading(ask(paper, pair[0]), by=pair[1], at=AT)


def test_reading_by_two_is_opened_once_by_each_and_recorded(paper, session, pair):
    reading = agreed(paper, pair)
    last = AT + HOUR - TICK

    seen = [open_paper(reading, by=one, at=last) for one in pair]

    for one in pair:
        with pytest.raises(paper_reading.AlreadyOpened):
            open_paper(reading, by=one, at=last)
    entries = AuditEntry.objects.filter(chain=session.code).order_by("seq")
    assert [row["number"] for row in seen[0].questions] == [1, 2]
    assert "请谈谈你的看法" in seen[1].questions[0]["text"]
    assert [row.name for row in seen[0].criteria] == ["Criterion 1", "Criterion 2"]
    assert [entry.action for entry in entries] == [
        "approval.requested",
        "approval.approved",
        "paper.opened",
        "paper.opened",
    ]
    assert [entry.actor_ref for entry in entries][2:] == [str(one.pk) for one in pair]
    assert paper_reading.current_reading(paper, at=last) is None
    assert verify_chain(session.code) == 4
    with pytest.raises(DatabaseError), transaction.atomic():
        PaperOpening.objects.all().delete()


def test_reading_by_one_alone_or_too_late_opens_nothing(paper, pair):
    first, second = pair
    reading = ask(paper, first)
    with pytest.raises(NotApproved):
        open_paper(reading, by=first, at=AT)
    with pytest.raises(SamePerson):
        agree_reading(reading, by=first, at=AT)
    with pytest.raises(paper_reading.ReadingWaits):
        ask(paper, second)
    with pytest.raises(ApprovalExpired):
        agree_reading(reading, by=second, at=AT + paper_reading.TO_AGREE)

    agree_reading(reading, by=second, at=AT)
    with pytest.raises(NotAllowed):
        open_paper(reading, by=make_administrator(), at=AT)
    with pytest.raises(paper_reading.ReadingOver):
        open_paper(reading, by=first, at=AT + HOUR)

    assert not PaperOpening.objects.exists()
    assert ask(paper, first, at=AT + HOUR).pk != reading.pk


def test_reading_that_cannot_be_asked_for_is_refused(paper, pair):
    stranger, examiner = make_staff(), make_staff()
    make_assignment(examiner, role="examiner", project=paper.project)

    with pytest.raises(PaperNotSealed):
        ask(make_paper(), pair[0])
    with pytest.raises(ReasonMissing):
        ask(paper, pair[0], reason=" ")
    for nobody in (stranger, examiner):
        with pytest.raises(NotAllowed):
            ask(paper, nobody)
    lonely = seal_paper(make_paper(), by=Actor.job("test"), at=AT)
    with pytest.raises(paper_reading.NoSession):
        ask(lonely, pair[0])

    assert not PaperReading.objects.exists()
