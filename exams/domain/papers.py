"""Papers: written in draft, then sealed into one padded, encrypted bundle.

Owns `Paper`, `Question` and `Criterion`, and the byte format of
`docs/protocol/paper.md`. Sealing makes the bundle and its key and closes every edit.
Who may have the bundle or the key, and when, is asked of the schedule by the edge;
nothing here hands them out by itself (design §9, R63–R65).
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.kernel import canonical
from exams.kernel.errors import Fault, Refusal
from exams.models import Criterion, Paper, Project, Question

MAGIC = b"KWP1"
CONTEXT = b"kaowu/paper/1"
KEY_BYTES = 32
NONCE_BYTES = 12
LENGTH_BYTES = 4
BUCKET_BYTES = 16_384


class PaperSealed(Refusal):
    """The paper is sealed: nothing in it changes any more."""

    code = "paper_sealed"
    message = _("This paper is sealed and cannot be changed.")


class PaperEmpty(Refusal):
    """A paper without questions, or without anything to score on, is not sealed."""

    code = "paper_empty"
    message = _("This paper has no questions yet. Write them first.")


class PaperNotSealed(Refusal):
    """There is no bundle and no key before the sealing."""

    code = "paper_not_sealed"
    message = _("This paper has not been sealed yet.")


class BundleBroken(Fault):
    """A bundle does not open: wrong key, changed bytes or wrong shape."""


@dataclass(frozen=True)
class QuestionText:
    """What the author wrote: the text and the suggested time in seconds."""

    text: str
    seconds: int = 0


@dataclass(frozen=True)
class CriterionText:
    """One element of scoring: its name, its maximum, weight and reference points."""

    name: str
    max_mark: Decimal
    weight: Decimal = Decimal(1)
    reference: str = ""


def create_paper(
    project: Project,
    *,
    title: str,
    questions: list[QuestionText],
    criteria: list[CriterionText],
    by: Actor,
    at: datetime,
) -> Paper:
    """Store a draft paper with its questions and criteria, numbered from 1."""
    with transaction.atomic():
        paper = Paper.objects.create(project=project, title=title)
        for number, question in enumerate(questions, start=1):
            Question.objects.create(
                paper=paper,
                number=number,
                text=question.text,
                seconds=question.seconds,
            )
        for position, criterion in enumerate(criteria, start=1):
            Criterion.objects.create(
                paper=paper,
                position=position,
                name=criterion.name,
                reference=criterion.reference,
                max_mark=criterion.max_mark,
                weight=criterion.weight,
            )
        facts = {"questions": len(questions), "criteria": len(criteria)}
        record("paper.created", by=by, at=at, subject=_subject(paper), facts=facts)
    return paper


def require_draft(paper: Paper) -> None:
    """Raise `PaperSealed` unless the stored paper may still be edited.

    Every edit asks this inside its transaction; the row is locked by it, so that a
    sealing under way is waited for.
    """
    if not paper.pk:
        return
    stored = Paper.objects.select_for_update().get(pk=paper.pk)
    if stored.sealed_at:
        raise PaperSealed


def doubts_of(paper: Paper) -> list[Promise]:
    """Return what a careful author would look at before the paper is sealed."""
    found = []
    if not paper.questions.exists():
        found.append(_("There is no question yet."))
    if not paper.criteria.exists():
        found.append(_("There is no criterion to score on."))
    timed = paper.questions.filter(seconds__gt=0).count()
    if timed and timed != paper.questions.count():
        found.append(_("Some questions have a time and some have none."))
    return found


def seal_paper(paper: Paper, *, by: Actor, at: datetime) -> Paper:
    """Build the bundle and its key and close every edit; idempotent.

    A sealed paper keeps its first bundle and key. Raises `PaperEmpty`.
    """
    with transaction.atomic():
        stored = Paper.objects.select_for_update().get(pk=paper.pk)
        if not stored.sealed_at:
            _seal(stored, by=by, at=at)
    paper.refresh_from_db()
    return paper


def bundle_for(paper: Paper) -> bytes:
    """Return the encrypted bundle; raises `PaperNotSealed`."""
    if not paper.sealed_at:
        raise PaperNotSealed
    return bytes(paper.bundle)


def key_for(paper: Paper) -> bytes:
    """Return the 32 bytes that open the bundle; raises `PaperNotSealed`.

    The caller has asked `Schedule.may_have_key` and the database's clock first.
    """
    if not paper.sealed_at:
        raise PaperNotSealed
    return base64.b64decode(paper.bundle_key)


def encrypt_bundle(questions: list[dict], *, key: bytes, nonce: bytes) -> bytes:
    """Return magic ‖ nonce ‖ ciphertext of `[{number, text, seconds}]`.

    The plaintext is padded to a multiple of 16 384 bytes, so that its length tells
    nothing about the questions. A (key, nonce) pair must never be used twice.
    """
    text = canonical.encode({"questions": questions})
    body = len(text).to_bytes(LENGTH_BYTES, "big") + text
    padded = body + bytes(-len(body) % BUCKET_BYTES)
    return MAGIC + nonce + AESGCM(key).encrypt(nonce, padded, CONTEXT)


def open_bundle(bundle: bytes, key: bytes) -> list[dict]:
    """Return the questions of a bundle; raises `BundleBroken`."""
    head = len(MAGIC) + NONCE_BYTES
    if bundle[: len(MAGIC)] != MAGIC:
        raise BundleBroken
    try:
        padded = AESGCM(key).decrypt(bundle[len(MAGIC) : head], bundle[head:], CONTEXT)
    except (InvalidTag, ValueError) as error:
        raise BundleBroken from error
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    if length > len(padded) - LENGTH_BYTES:
        raise BundleBroken
    return json.loads(padded[LENGTH_BYTES : LENGTH_BYTES + length])["questions"]


def _seal(paper: Paper, *, by: Actor, at: datetime) -> None:
    questions = [
        {
            "number": question.number,
            "text": question.text,
            "seconds": question.seconds,
        }
        for question in paper.questions.order_by("number")
    ]
    if not questions:
        raise PaperEmpty
    key = secrets.token_bytes(KEY_BYTES)
    nonce = secrets.token_bytes(NONCE_BYTES)
    paper.bundle = encrypt_bundle(questions, key=key, nonce=nonce)
    paper.bundle_key = base64.b64encode(key).decode()
    paper.sealed_at = at
    paper.save(update_fields=["bundle", "bundle_key", "sealed_at"])
    record(
        "paper.sealed",
        by=by,
        at=at,
        subject=_subject(paper),
        facts={
            "bundle": hashlib.sha256(paper.bundle).hexdigest(),
            "questions": len(questions),
        },
    )


def _subject(paper: Paper) -> str:
    return f"paper:{paper.pk}"
