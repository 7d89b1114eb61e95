"""Declared conflicts of examiners, and the candidates whom they match."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import ConflictKind, MatchState
from exams.kernel.fields import SealedTextField
from exams.kernel.tokens import random_code


class DeclaredConflict(models.Model):
    """One thing that an examiner has in common with somebody of a project.

    `value` is what was typed, encrypted; `value_hash` holds that it is declared once.
    Of the kind `candidate` the person is named by the row, by an administrator.
    """

    code = models.CharField(
        max_length=20, unique=True, default=random_code, editable=False
    )
    project = models.ForeignKey(
        "exams.Project",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("project"),
    )
    staff = models.ForeignKey(
        "exams.Staff",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("examiner"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=ConflictKind.choices)
    value = SealedTextField(_("value"))
    value_hash = models.CharField(max_length=64, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    declared_by = models.ForeignKey(
        "exams.Staff",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("declared by"),
    )
    declared_at = models.DateTimeField(_("declared at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)

    class Meta:
        verbose_name = _("declared conflict")
        verbose_name_plural = _("declared conflicts")
        constraints = [
            models.UniqueConstraint(
                name="conflict_declared_once",
                fields=["staff", "project", "kind", "value_hash"],
                condition=models.Q(withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff}: {self.get_kind_display()}"


class ConflictMatch(models.Model):
    """One candidate whom a conflict meets, in one session, and what came of it."""

    conflict = models.ForeignKey(
        DeclaredConflict, on_delete=models.PROTECT, related_name="matches"
    )
    candidate = models.ForeignKey(
        "candidates.Candidate", on_delete=models.PROTECT, related_name="+"
    )
    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("state"), max_length=10, choices=MatchState.choices)
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("match of a conflict")
        verbose_name_plural = _("matches of conflicts")
        constraints = [
            models.UniqueConstraint(
                name="conflict_matches_once", fields=["conflict", "attempt"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.conflict} → {self.candidate}"
