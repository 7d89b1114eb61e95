"""The candidate's one request to look at a released result again, and its answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import RecheckOutcome


class Recheck(models.Model):
    """What the candidate of an attempt asks to be checked again. Append-only."""

    attempt = models.OneToOneField(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField(_("what to check"), max_length=1000)
    lease = models.ForeignKey(
        "candidates.DeviceLease", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("re-check")
        verbose_name_plural = _("re-checks")

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.at:%Y-%m-%d}"


class RecheckAnswer(models.Model):
    """What an official found and told the candidate, with reasons. Append-only."""

    recheck = models.OneToOneField(
        Recheck, on_delete=models.PROTECT, related_name="answer"
    )
    outcome = models.CharField(max_length=10, choices=RecheckOutcome.choices)
    text = models.TextField(_("reasons"), max_length=1000)
    by = models.ForeignKey("exams.Staff", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer to a re-check")
        verbose_name_plural = _("answers to re-checks")

    def __str__(self) -> str:
        return f"{self.recheck_id} {self.outcome}"
