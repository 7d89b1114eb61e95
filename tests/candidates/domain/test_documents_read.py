"""Which documents a candidate has to tick, and which are for another language."""

import pytest
from django.utils import translation

from candidates.domain import passage
from candidates.models import DocumentRead
from tests.builders.candidates import make_lease
from tests.builders.exams import before_start, make_attempt, make_document, make_session
from tests.builders.passages import make_stages

pytestmark = pytest.mark.django_db
AT = before_start(1000)


@pytest.fixture
def lease():
    session = make_session(state="published", stages=["check_in", "flow", "enter"])
    attempt = make_attempt(session, state="checked_in")
    make_stages(attempt, "check_in")
    return make_lease(attempt)


def read(lease, *documents):
    answers = {"documents": [one.pk for one in documents]}
    passage.finish_stage(lease, stage="flow", answers=answers, at=AT)
    return set(DocumentRead.objects.values_list("document", flat=True))


def test_document_that_may_be_skipped_is_read_only_when_ticked(lease):
    project = lease.attempt.session.project
    needed = make_document(project)
    make_document(project, must_read=False)

    assert read(lease, needed) == {needed.pk}


def test_document_that_must_be_read_holds_the_stage(lease):
    make_document(lease.attempt.session.project)

    with pytest.raises(passage.DocumentsUnread):
        read(lease)


def test_document_of_another_language_is_not_asked_for(lease):
    project = lease.attempt.session.project
    english = make_document(project, language="en")
    make_document(project, language="zh-hans")

    with translation.override("en"):
        assert read(lease, english) == {english.pk}
