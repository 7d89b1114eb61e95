"""Identity checks, finished stages, read documents, and what was noticed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import CheckInState, ObservationKind
from candidates.models.candidate import photo_path
from exams.enums import Stage


class CheckIn(models.Model):
    """One try to prove identity by the human route: photos that a person judges."""

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    lease = models.ForeignKey(
        "candidates.DeviceLease", on_delete=models.PROTECT, related_name="check_ins"
    )
    state = models.CharField(
        max_length=10, choices=CheckInState.choices, default=CheckInState.WAITING
    )
    consent_version = models.CharField(max_length=20)
    consented_at = models.DateTimeField()
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300, default="", blank=True)
    erased_at = models.DateTimeField(_("photos deleted"), null=True)

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = [
            models.UniqueConstraint(
                name="one_waiting_check_in_per_attempt",
                fields=["attempt"],
                condition=models.Q(state="waiting"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.get_state_display()}"


class CheckInPhoto(models.Model):
    check_in = models.ForeignKey(
        CheckIn, on_delete=models.PROTECT, related_name="photos"
    )
    image = models.FileField(upload_to=photo_path)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.digest[:12]


class StagePassage(models.Model):
    """One finished stage of one attempt; "may enter" asks for these rows."""

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    stage = models.CharField(max_length=20, choices=Stage.choices)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("finished stage")
        verbose_name_plural = _("finished stages")
        constraints = [
            models.UniqueConstraint(
                name="stage_finished_once", fields=["attempt", "stage"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.get_stage_display()}"


class DocumentRead(models.Model):
    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    document = models.ForeignKey(
        "exams.Document", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="document_read_once", fields=["attempt", "document"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.document_id}"


class Observation(models.Model):
    """A fact that a client or the chunk path noticed; never a verdict. Append-only.

    The retention rule empties `facts` once; that something was noticed stays.
    """

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    stream = models.CharField(max_length=10, default="")
    kind = models.CharField(max_length=20, choices=ObservationKind.choices)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)
    erased_at = models.DateTimeField(_("deleted by the retention rule"), null=True)

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.get_kind_display()}"
