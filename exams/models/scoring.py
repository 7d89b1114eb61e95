"""What an examiner sees and writes, and what becomes of it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.enums import SheetState


class Exhibit(models.Model):
    """Stripped media of one attempt, versioned; no name, no tag, no time.

    `parts` lists the playable files: `[{path, mime, duration_ms}]`, paths relative
    to the media store.
    """

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="exhibits"
    )
    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1)
    parts = models.JSONField(default=list)
    source_digest = models.CharField(max_length=64)
    duration_ms = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(_("deleted by the retention rule"), null=True)

    class Meta:
        verbose_name = _("exhibit")
        verbose_name_plural = _("exhibits")
        constraints = [
            models.UniqueConstraint(
                name="exhibit_version_once", fields=["attempt", "version"]
            )
        ]

    def __str__(self) -> str:
        return str(self.code)


class Sheet(models.Model):
    """One examiner's scores for one attempt, on one version of its exhibit."""

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="sheets"
    )
    examiner = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="sheets"
    )
    exhibit = models.ForeignKey(
        Exhibit, on_delete=models.PROTECT, related_name="sheets", null=True
    )
    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        max_length=10, choices=SheetState.choices, default=SheetState.DRAFT
    )
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sheet")
        verbose_name_plural = _("sheets")
        constraints = [
            models.UniqueConstraint(
                name="sheet_once_per_examiner", fields=["attempt", "examiner"]
            )
        ]

    def __str__(self) -> str:
        return str(self.code)


class Mark(models.Model):
    """One criterion's score; exact decimals, never floats."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="marks")
    criterion = models.ForeignKey(
        "exams.Criterion", on_delete=models.PROTECT, related_name="marks"
    )
    value = models.DecimalField(max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = [
            models.UniqueConstraint(
                name="mark_once_per_criterion", fields=["sheet", "criterion"]
            ),
            models.CheckConstraint(
                name="mark_not_negative", condition=models.Q(value__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return str(self.value)


class Result(models.Model):
    """The outcome of one attempt with its working, shown once released."""

    attempt = models.OneToOneField(
        "exams.Attempt", on_delete=models.PROTECT, related_name="result"
    )
    value = models.DecimalField(max_digits=9, decimal_places=4)
    working = models.JSONField()
    computed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")

    def __str__(self) -> str:
        return str(self.value)
