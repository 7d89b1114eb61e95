"""Sealing a paper, and drawing one from a pool, on their confirm pages."""

import pytest
from django.test import Client
from django.urls import reverse

from exams.domain.audit import Actor
from exams.domain.papers import seal_paper
from exams.kernel import clock
from exams.models import Paper, PaperDraw, Session
from tests.builders.exams import (
    make_administrator,
    make_paper,
    make_ready_session,
)

pytestmark = pytest.mark.django_db


def test_sealed_paper_is_closed_by_hand_with_a_reason(client, boss):
    paper = make_paper()
    url = reverse("admin:exams_paper_seal", args=[paper.pk])

    assert client.post(url, {"reason": ""}).status_code == 200
    assert Paper.objects.get(pk=paper.pk).sealed_at is None
    assert client.post(url, {"reason": "Final"}).status_code == 302

    stored = Paper.objects.get(pk=paper.pk)
    assert stored.sealed_at is not None
    assert stored.bundle


def test_sealed_paper_is_shown_to_two_administrators_once(client, boss):
    paper = make_ready_session().paper
    seal_paper(paper, by=Actor.job("test"), at=clock.now())
    url = reverse("admin:exams_paper_read", args=[paper.pk])
    change = reverse("admin:exams_paper_change", args=[paper.pk])
    text = "请谈谈你的看法"
    other = Client()
    other.force_login(make_administrator())

    link = client.get(change).content.decode()
    asked = client.post(url, {"reason": "A misprint", "act": "ask"})
    own = client.post(url, {"act": "agree"})
    early = other.post(url, {"reason": "A misprint", "act": "ask"})
    waits = other.get(url).content.decode()
    agreed = other.post(url, {"act": "agree"})
    double = other.post(url, {"act": "agree"})
    before = client.get(url).content.decode()
    opened = client.post(url, {"act": "open"})
    again = client.post(url, {"act": "open"})

    assert url in link
    assert (asked.status_code, own.status_code, agreed.status_code) == (302, 403, 302)
    assert "A misprint" in waits
    assert not any(text in page for page in (link, waits, before))
    assert (early.status_code, double.status_code) == (409, 409)
    assert text not in double.content.decode()
    assert "no-store" in opened.headers["Cache-Control"]
    assert text in opened.content.decode()
    assert (again.status_code, text in again.content.decode()) == (409, False)


def test_paper_without_questions_is_not_sealed(client, boss):
    paper = make_paper(questions=0)
    url = reverse("admin:exams_paper_seal", args=[paper.pk])

    page = client.get(url)
    reply = client.post(url, {"reason": "Final"})

    assert len(page.context["cautions"]) == 1
    assert reply.status_code == 409
    assert Paper.objects.get(pk=paper.pk).sealed_at is None


def test_paper_is_drawn_on_its_page(client, boss):
    session = make_ready_session(state="draft")
    pool = [make_paper(session.project).pk for _ in range(2)]
    url = reverse("admin:exams_session_draw-paper", args=[session.pk])

    one = client.post(url, {"reason": "x", "per_room": "session", "pool": pool[:1]})
    foreign = client.post(
        url, {"reason": "x", "per_room": "session", "pool": [pool[0], make_paper().pk]}
    )
    drawn = client.post(url, {"reason": "x", "per_room": "session", "pool": pool})

    assert one.status_code == 422
    assert "pool" in foreign.context["form"].errors
    assert drawn.status_code == 302
    assert Session.objects.get(pk=session.pk).paper_id in pool
    assert PaperDraw.objects.count() == 1
