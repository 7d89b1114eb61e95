"""Sealed papers that two people had read: who asked, who agreed, who opened."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.kernel.tokens import random_code
from exams.models.approval import Approval
from exams.models.paper import Paper


class PaperReading(models.Model):
    """One request to read a sealed paper; its approval is the second yes."""

    code = models.CharField(
        max_length=20, unique=True, default=random_code, editable=False
    )
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="readings")
    approval = models.OneToOneField(
        Approval, on_delete=models.PROTECT, related_name="reading"
    )

    class Meta:
        verbose_name = _("reading of a sealed paper")
        verbose_name_plural = _("readings of sealed papers")

    def __str__(self) -> str:
        return self.code


class PaperOpening(models.Model):
    """One of the two people looked, once. Append-only."""

    reading = models.ForeignKey(
        PaperReading, on_delete=models.PROTECT, related_name="openings"
    )
    by = models.ForeignKey("exams.Staff", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("opening of a sealed paper")
        verbose_name_plural = _("openings of sealed papers")
        constraints = [
            models.UniqueConstraint(
                name="paper_opened_once_per_person", fields=["reading", "by"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.reading_id} {self.at:%Y-%m-%d %H:%M:%S}"
