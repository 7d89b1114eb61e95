"""A copied project: everything but people, days moved, nothing published or opened."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from exams.domain.audit import Actor
from exams.domain.copying import copy_project
from exams.domain.papers import seal_paper
from exams.models import (
    Assignment,
    Attempt,
    AuditEntry,
    Document,
    Project,
    SupportHours,
)
from proctoring.models import Article
from tests.builders.candidates import make_candidate, make_enrolment
from tests.builders.cases import make_article
from tests.builders.exams import (
    START,
    before_start,
    make_assignment,
    make_attempt,
    make_document,
    make_paper,
    make_project,
    make_ready_session,
    make_room,
    make_session,
)

pytestmark = pytest.mark.django_db
BY, AT = Actor("staff", "1"), before_start(86_400)


def make_source():
    project = make_project(time_zone="Asia/Tokyo", keep_camera_days=7)
    SupportHours.objects.create(
        project=project,
        first_day=date(2030, 5, 19),
        last_day=date(2030, 5, 20),
        opens=time(9),
        closes=time(18),
    )
    make_document(project, title="Flow", body="old")
    make_document(project, title="Flow", body="new", version=2)
    session = make_ready_session(
        project=project, state="scoring", frozen_at=AT, answer=900
    )
    make_room(session, name="Room 1", capacity=12)
    attempt = make_attempt(session)
    make_enrolment(make_candidate(project), attempt)
    make_assignment(role="administrator", project=project)
    make_article(project)
    make_session(project=project, kind="mock")
    return project, session


def copy_of(project, **fields):
    fields = {"slug": "next-year", "title": "Next", "days": 365, **fields}
    return copy_project(project, by=BY, at=AT, **fields)


def test_copy_has_the_settings_and_nobody():
    project, session = make_source()

    copy = copy_of(project)

    formal, mock = copy.sessions.order_by("pk")
    (hours,), (document,) = copy.support_hours.all(), copy.documents.all()
    assert (copy.time_zone, copy.keep_camera_days) == ("Asia/Tokyo", 7)
    assert (hours.first_day, hours.opens) == (date(2031, 5, 19), time(9))
    assert (document.body, document.version, document.published_at) == ("new", 1, None)
    assert (formal.state, formal.frozen_at, formal.answer) == ("draft", None, 900)
    assert formal.starts_at == START + timedelta(days=365)
    assert formal.code != session.code
    assert (mock.kind, mock.state) == ("mock", "draft")
    assert [(one.name, one.capacity) for one in formal.rooms.all()] == [("Room 1", 12)]
    assert not Attempt.objects.filter(session__project=copy).exists()
    assert not Assignment.objects.filter(project=copy).exists()
    articles = Article.objects.filter(is_current=True)
    assert set(articles.filter(project=copy).values_list("code", "text_zh")) == set(
        articles.filter(project=project).values_list("code", "text_zh")
    )
    assert articles.filter(project=copy).exists()


def test_draft_paper_goes_along_and_a_sealed_one_does_not():
    project, session = make_source()
    sealed = make_paper(project, title="Sealed")
    seal_paper(sealed, by=BY, at=AT)

    copy = copy_of(project)

    (paper,) = copy.papers.all()
    assert copy.sessions.order_by("pk")[0].paper == paper
    assert [one.text for one in paper.questions.all()] == [
        one.text for one in session.paper.questions.all()
    ]
    assert paper.criteria.count() == 2


def test_copy_is_one_audited_act():
    copy = copy_of(make_source()[0])

    entry = AuditEntry.objects.get(action="project.copied")
    assert entry.subject == f"project:{copy.pk}"
    assert {key: entry.facts[key] for key in ("documents", "papers", "sessions")} == {
        "documents": 1,
        "papers": 1,
        "sessions": 2,
    }


@pytest.mark.parametrize("slug", ["taken", "no good", ""])
def test_wrong_address_makes_nothing(slug):
    project, _session = make_source()
    make_project(slug="taken")
    counts = (Project.objects.count(), Document.objects.count())

    with pytest.raises(ValidationError):
        copy_of(project, slug=slug)

    assert (Project.objects.count(), Document.objects.count()) == counts
