"""Setting up an examination: projects, sessions and documents.

Writes the rows that administrators also write on the admin's forms; used where
rows are made by a program (the demo, a copy). Every call is audited and checked as
the forms check it: a row that does not validate raises and nothing is stored.
"""

from datetime import datetime

from django.db import models, transaction

from exams.domain.audit import Actor, record
from exams.models import Document, Project, Session


def create_project(slug: str, *, by: Actor, at: datetime, **fields: object) -> Project:
    """Make a project; raises `ValidationError` with the fields named."""
    return _create(Project(slug=slug, **fields), by=by, at=at)


def create_session(
    project: Project, *, title: str, by: Actor, at: datetime, **fields: object
) -> Session:
    """Make a draft session of a project, windows in seconds (R10–R19)."""
    return _create(Session(project=project, title=title, **fields), by=by, at=at)


def create_document(
    project: Project, *, kind: str, title: str, body: str, by: Actor, at: datetime
) -> Document:
    """Make the first version of a document, not yet published (R43, R51, R52)."""
    return _create(
        Document(project=project, kind=kind, title=title, body=body), by=by, at=at
    )


def state_hours(project: Project) -> Project:
    """Write the support hours in words where nobody has (R8); part of a form's save."""
    spans = list(project.support_hours.all())
    if project.hotline_hours or not spans:
        return project
    words = "; ".join(
        f"{span.first_day:%m-%d} – {span.last_day:%m-%d} "
        f"{span.opens:%H:%M}–{span.closes:%H:%M}"
        for span in spans
    )
    limit = Project._meta.get_field("hotline_hours").max_length
    project.hotline_hours = f"{words} ({project.time_zone})"[:limit]
    project.save(update_fields=["hotline_hours"])
    return project


def _create(row: models.Model, *, by: Actor, at: datetime) -> models.Model:
    row.full_clean()
    label = row._meta.model_name
    with transaction.atomic():
        row.save(force_insert=True)
        record(f"{label}.created", by=by, at=at, subject=f"{label}:{row.pk}", facts={})
    return row
