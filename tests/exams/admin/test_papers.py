"""Sealing a paper, and drawing one from a pool, on their confirm pages."""

import pytest
from django.urls import reverse

from exams.models import Paper, PaperDraw, Session
from tests.builders.exams import make_paper, make_ready_session

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
