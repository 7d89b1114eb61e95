"""A project made from another: everything but people, days moved, nothing published.

Owns no row of its own; writes projects, support hours, documents, papers, sessions and
rooms as drafts. No roster, no role, no draw, no result and no sealed text goes along: a
sealed paper is not opened for a copy (design §9).
"""

from datetime import datetime, timedelta

from django.db import models, transaction

from exams.domain.audit import Actor, record
from exams.domain.cautions import newest_documents
from exams.enums import SessionState
from exams.models import (
    Criterion,
    Document,
    Paper,
    Project,
    Question,
    Room,
    SupportHours,
)
from exams.models.project import session_code
from exams.signals import project_copied


def copy_project(
    source: Project, *, slug: str, title: str, days: int, by: Actor, at: datetime
) -> Project:
    """Return the copy, every date moved by `days`; all or nothing.

    Documents (their newest versions) become drafts of version 1, sessions drafts with
    their rooms. A session whose paper is sealed has none in the copy. Raises
    `ValidationError` when the address is taken or wrong.
    """
    moved = timedelta(days=days)
    with transaction.atomic():
        source = Project.objects.get(pk=source.pk)
        copy = _twin(source, slug=slug, title=title)
        copy.access_opens_at += moved
        copy.access_closes_at += moved
        copy.full_clean()
        copy.save(force_insert=True)
        _copy_hours(source, copy, moved)
        documents = _copy_documents(source, copy)
        papers = _copy_papers(source, copy)
        sessions = _copy_sessions(source, copy, moved, papers)
        project_copied.send(Project, source=source, copy=copy, by=by, at=at)
        record(
            "project.copied",
            by=by,
            at=at,
            subject=f"project:{copy.pk}",
            facts={
                "from": source.slug,
                "documents": documents,
                "papers": len(papers),
                "sessions": sessions,
            },
        )
    return copy


def sealed_papers(source: Project) -> int:
    """Return how many papers a copy leaves behind because they are sealed."""
    return source.papers.filter(sealed_at__isnull=False).count()


def _copy_hours(source: Project, copy: Project, moved: timedelta) -> None:
    rows = [_twin(row, project=copy) for row in source.support_hours.all()]
    for row in rows:
        row.first_day += moved
        row.last_day += moved
    SupportHours.objects.bulk_create(rows)


def _copy_documents(source: Project, copy: Project) -> int:
    # The file itself is never changed, so both rows name the same one.
    rows = [
        _twin(row, project=copy, version=1, published_at=None)
        for row in newest_documents(source)
    ]
    return len(Document.objects.bulk_create(rows))


def _copy_papers(source: Project, copy: Project) -> dict[int, Paper]:
    """Copy every draft paper; return `{key of the source: copy}`."""
    found = {}
    drafts = source.papers.filter(sealed_at__isnull=True).defer("bundle", "bundle_key")
    for paper in drafts.order_by("pk"):
        made = Paper.objects.create(project=copy, title=paper.title)
        Question.objects.bulk_create(
            _twin(row, paper=made) for row in paper.questions.all()
        )
        Criterion.objects.bulk_create(
            _twin(row, paper=made) for row in paper.criteria.all()
        )
        found[paper.pk] = made
    return found


def _copy_sessions(
    source: Project, copy: Project, moved: timedelta, papers: dict[int, Paper]
) -> int:
    kept = source.sessions.exclude(state=SessionState.DISCARDED)
    rows = list(kept.order_by("pk"))
    for row in rows:
        made = _twin(
            row,
            project=copy,
            code=session_code(),
            state=SessionState.DRAFT,
            frozen_at=None,
            origin="real",
            paper=papers.get(row.paper_id),
            starts_at=row.starts_at + moved,
        )
        if row.mock_closes_at:
            made.mock_closes_at = row.mock_closes_at + moved
        made.save(force_insert=True)
        Room.objects.bulk_create(
            Room(session=made, name=room.name, capacity=room.capacity)
            for room in row.rooms.order_by("pk")
        )
    return len(rows)


def _twin(row: models.Model, **changes: object) -> models.Model:
    """Return an unsaved copy of a row with other values in some columns."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in changes
    }
    return type(row)(**values, **changes)
