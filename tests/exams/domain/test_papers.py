"""Sealing a paper: bytes against the vectors, once, and no edit afterwards."""

import base64
import hashlib
from decimal import Decimal

import pytest
from django.db import connection, transaction

from exams.domain import papers
from exams.domain.audit import Actor
from exams.models import AuditEntry, Paper
from tests.builders.exams import before_start, make_paper, make_project
from tests.builders.vectors import read_vectors

AUTHOR = Actor("staff", "1")
AT = before_start(7200)
VECTORS = read_vectors("paper")["cases"]


def questions_of(case):
    if case["questions"]:
        return case["questions"]
    text = case["text_repeats"]["letter"] * case["text_repeats"]["times"]
    return [{"number": 1, "text": text, "seconds": 0}]


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_bundle_agrees_with_the_vector_and_opens(case):
    key, nonce = bytes.fromhex(case["key"]), bytes.fromhex(case["nonce"])

    bundle = papers.encrypt_bundle(questions_of(case), key=key, nonce=nonce)

    assert len(bundle) == case["bundle_bytes"] == case["plaintext_bytes"] + 32
    assert case["plaintext_bytes"] % 16_384 == 0
    assert bundle[:64].hex() == case["bundle_head"]
    assert hashlib.sha256(bundle).hexdigest() == case["bundle_sha256"]
    assert papers.open_bundle(bundle, key) == questions_of(case)


@pytest.mark.parametrize("place", [0, 3, 4, 15, 16, 5000, -1])
def test_bundle_with_one_changed_byte_does_not_open(place):
    key = bytes(32)
    bundle = bytearray(papers.encrypt_bundle([], key=key, nonce=bytes(12)))

    bundle[place] ^= 1

    with pytest.raises(papers.BundleBroken):
        papers.open_bundle(bytes(bundle), key)


@pytest.mark.parametrize("bundle", [b"", b"KWP1", b"KWP1" + bytes(20)])
def test_bundle_cut_short_does_not_open(bundle):
    with pytest.raises(papers.BundleBroken):
        papers.open_bundle(bundle, bytes(32))


def test_bundle_with_another_key_does_not_open():
    bundle = papers.encrypt_bundle([], key=bytes(32), nonce=bytes(12))

    with pytest.raises(papers.BundleBroken):
        papers.open_bundle(bundle, b"\1" * 32)


@pytest.mark.django_db
def test_seal_makes_a_bundle_that_its_key_opens():
    paper = make_paper(questions=3)

    papers.seal_paper(paper, by=AUTHOR, at=AT)

    bundle, key = papers.bundle_for(paper), papers.key_for(paper)
    entry = AuditEntry.objects.get(action="paper.sealed")
    assert papers.open_bundle(bundle, key) == [
        {"number": question.number, "text": question.text, "seconds": 300}
        for question in paper.questions.all()
    ]
    assert len(key) == 32
    assert paper.sealed_at == AT
    assert entry.facts == {
        "bundle": hashlib.sha256(bundle).hexdigest(),
        "questions": 3,
    }


@pytest.mark.django_db
def test_seal_twice_keeps_the_first_bundle_and_key():
    paper = papers.seal_paper(make_paper(), by=AUTHOR, at=AT)
    first = (papers.bundle_for(paper), papers.key_for(paper), paper.sealed_at)

    papers.seal_paper(Paper.objects.get(pk=paper.pk), by=AUTHOR, at=before_start(60))

    stored = Paper.objects.get(pk=paper.pk)
    assert (
        papers.bundle_for(stored),
        papers.key_for(stored),
        stored.sealed_at,
    ) == first
    assert AuditEntry.objects.filter(action="paper.sealed").count() == 1


@pytest.mark.django_db
def test_two_papers_of_the_same_questions_share_neither_key_nor_bytes():
    first = papers.seal_paper(make_paper(), by=AUTHOR, at=AT)
    second = papers.seal_paper(make_paper(), by=AUTHOR, at=AT)

    assert papers.key_for(first) != papers.key_for(second)
    assert papers.bundle_for(first)[:16] != papers.bundle_for(second)[:16]
    assert len(papers.bundle_for(first)) == len(papers.bundle_for(second))


@pytest.mark.django_db
def test_seal_without_questions_is_refused():
    paper = make_paper(questions=0)

    with pytest.raises(papers.PaperEmpty):
        papers.seal_paper(paper, by=AUTHOR, at=AT)

    assert Paper.objects.get(pk=paper.pk).sealed_at is None


@pytest.mark.django_db
def test_bundle_and_key_before_the_sealing_are_refused():
    paper = make_paper()

    with pytest.raises(papers.PaperNotSealed):
        papers.bundle_for(paper)
    with pytest.raises(papers.PaperNotSealed):
        papers.key_for(paper)


@pytest.mark.django_db
def test_edit_of_a_draft_is_allowed_and_of_a_sealed_paper_refused():
    stale = make_paper()

    papers.require_draft(Paper(project=stale.project))
    papers.require_draft(stale)
    papers.seal_paper(Paper.objects.get(pk=stale.pk), by=AUTHOR, at=AT)

    # The row in hand still says draft; the stored one decides.
    assert stale.sealed_at is None
    with pytest.raises(papers.PaperSealed), transaction.atomic():
        papers.require_draft(stale)


@pytest.mark.django_db
def test_create_paper_stores_texts_that_the_database_cannot_read():
    paper = papers.create_paper(
        make_project(),
        title="试卷甲",
        questions=[
            papers.QuestionText("第一题：秘密"),
            papers.QuestionText("第二题", 90),
        ],
        criteria=[papers.CriterionText("综合分析", Decimal("40.00"))],
        by=AUTHOR,
        at=AT,
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM exams_question")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
    rows = [(row.number, row.text, row.seconds) for row in paper.questions.all()]
    criteria = [(row.position, row.name, row.max_mark) for row in paper.criteria.all()]
    assert rows == [(1, "第一题：秘密", 0), (2, "第二题", 90)]
    assert criteria == [(1, "综合分析", Decimal("40.00"))]
    assert "秘密".encode() not in stored


@pytest.mark.django_db
def test_key_is_not_readable_in_the_database():
    paper = papers.seal_paper(make_paper(), by=AUTHOR, at=AT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT bundle_key FROM exams_paper")
        stored = bytes(cursor.fetchone()[0])

    assert papers.key_for(paper) not in stored
    assert base64.b64encode(papers.key_for(paper)) not in stored
