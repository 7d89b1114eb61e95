"""The project's catalogue of rules: made from the preset, changed in versions.

Owns `Article`. A change never rewrites what a case rests on: it makes another version
and takes the old one out of force (R83–R110, L10).
"""

from datetime import datetime

from django.db import transaction

from exams.domain.audit import Actor, record
from exams.kernel.errors import Conflict
from exams.models import Project
from proctoring.domain.preset import ENTRIES, VERSION
from proctoring.models import Article


def make_catalogue(project: Project, *, by: Actor, at: datetime) -> int:
    """Copy the preset into a project that has no article yet; return how many."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        if Article.objects.filter(project=project).exists():
            return 0
        rows = Article.objects.bulk_create(
            Article(
                project=project,
                code=entry.code,
                requirement=entry.requirement,
                position=position,
                chapter=entry.chapter,
                label_zh=entry.label_zh,
                text_zh=entry.text_zh,
                text_en=entry.text_en,
                sanction=entry.sanction,
            )
            for position, entry in enumerate(ENTRIES, start=1)
        )
        record(
            "articles.created",
            by=by,
            at=at,
            subject=f"project:{project.slug}",
            facts={"preset": VERSION, "articles": len(rows)},
        )
    return len(rows)


def copy_catalogue(source: Project, copy: Project, *, by: Actor, at: datetime) -> int:
    """Copy the articles in force into a new project; return how many.

    In the transaction of the copy. A project that has articles keeps its own.
    """
    with transaction.atomic():
        if Article.objects.filter(project=copy).exists():
            return 0
        rows = list(Article.objects.filter(project=source, is_current=True))
        for row in rows:
            row.pk, row._state.adding = None, True
            row.project, row.version = copy, 1
        Article.objects.bulk_create(rows)
        record(
            "articles.copied",
            by=by,
            at=at,
            subject=f"project:{copy.slug}",
            facts={"from": source.slug, "articles": len(rows)},
        )
    return len(rows)


def sweep_catalogues(*, at: datetime) -> int:
    """Give every project without articles the preset; return how many projects."""
    have = Article.objects.values("project")
    bare = list(Project.objects.exclude(pk__in=have))
    return sum(
        bool(make_catalogue(project, by=Actor.job("sweep"), at=at)) for project in bare
    )


def revise_article(article: Article, **changes: object) -> Article:
    """Put a new version of the article in force; the caller audits the change.

    Raises `Conflict` when this version is out of force already.
    """
    with transaction.atomic():
        replaced = Article.objects.filter(pk=article.pk, is_current=True).update(
            is_current=False
        )
        if replaced != 1:
            raise Conflict
        row = Article.objects.get(pk=article.pk)
        row.pk, row._state.adding = None, True
        row.version, row.is_current = row.version + 1, True
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(force_insert=True)
    return row
