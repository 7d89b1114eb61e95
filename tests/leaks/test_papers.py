"""R63, R79: before the start nothing of a paper, and never its reference points."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from candidates.access import COOKIE
from exams.domain.audit import Actor
from exams.domain.papers import bundle_for, key_for, open_bundle, seal_paper
from tests.builders.candidates import make_candidate, make_enrolment, make_lease
from tests.builders.exams import (
    before_start,
    make_attempt,
    make_criterion,
    make_paper,
    make_question,
    make_ready_session,
)
from tests.builders.passages import make_stages
from tests.leaks.canaries import Canary, leaks_in
from tests.leaks.crawler import Crawl

pytestmark = pytest.mark.django_db
SECRETS = [
    Canary("reference points", "参考要点：先核实情况，再分级处置"),
    Canary("criterion", "应变与组织协调要素"),
]
QUESTION = Canary("question", "某社区停水，居民聚集，你怎么处理？")


@pytest.fixture
def scene():
    session = make_ready_session()
    paper = make_paper(session.project, questions=0, criteria=0)
    make_question(paper, text=QUESTION.text)
    make_criterion(paper, name=SECRETS[1].text, reference=SECRETS[0].text)
    session.paper = seal_paper(paper, by=Actor("staff", "1"), at=before_start(7200))
    session.save()
    attempt = make_attempt(session, state="checked_in")
    make_enrolment(make_candidate(session.project), attempt)
    make_stages(attempt, "devices", "check_in")
    make_lease(attempt, token="secret")
    return session, attempt


def crawl(session, attempt):
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.cookies[COOKIE] = "secret"
    slug = session.project.slug
    leaving = (
        reverse("candidate:sign-out", args=[slug]),
        reverse("set_language"),
        reverse("candidate:face-withdrawal", args=[slug]),
    )
    found = Crawl(client, leaving).run(reverse("candidate:home", args=[slug]))
    for name in ("state", "documents", "information"):
        reply = client.get(reverse(f"api:{name}") + "?stage=flow")
        yield reply.content
    yield client.get(reverse("candidate:exam", args=[attempt.code])).content
    yield from found.replies.values()


def test_crawl_of_a_candidate_before_the_start_finds_nothing_of_the_paper(scene):
    replies = list(crawl(*scene))

    assert len(replies) > 10
    for reply in replies:
        assert leaks_in(reply, [*SECRETS, QUESTION]) == []


def test_opened_bundle_holds_the_questions_and_nothing_for_examiners(scene):
    session, _attempt = scene
    bundle = bundle_for(session.paper)

    opened = json.dumps(
        open_bundle(bundle, key_for(session.paper)), ensure_ascii=False
    ).encode()

    assert leaks_in(bundle, [*SECRETS, QUESTION]) == []
    assert ("question", "raw") in leaks_in(opened, [QUESTION])
    assert leaks_in(opened, SECRETS) == []


def test_sealed_paper_shows_no_text_to_an_administrator(client, boss, scene):
    session, _attempt = scene
    pages = [
        reverse("admin:exams_paper_change", args=[session.paper_id]),
        reverse("admin:exams_paper_history", args=[session.paper_id]),
        reverse("admin:exams_paper_changelist"),
        reverse("admin:exams_session_change", args=[session.pk]),
        reverse("admin:exams_session_draw-paper", args=[session.pk]),
        reverse("admin:exams_paper_seal", args=[session.paper_id]),
    ]

    for url in pages:
        reply = client.get(url)
        assert reply.status_code == 200
        assert leaks_in(reply.content, [*SECRETS, QUESTION]) == []
