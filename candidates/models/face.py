"""Identity checks by comparing faces: challenges and what they came to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import FaceCheckState
from exams.kernel.fields import SealedTextField
from exams.kernel.tokens import random_code


class FaceCheck(models.Model):
    """One challenge, answered once, and how the comparison ended (R41).

    `steps` is `["left", "centre", …]`. Distances and thresholds are thousandths:
    `distances` is `{roster: [one per frame], frames: the widest}`, `thresholds`
    `{pass, review}`. `quality` is `[[code, …] per frame]`, `reasons` the codes told.
    `digests` is `{frames: [SHA-256], roster: SHA-256}`. `embedding` is JSON text,
    encrypted; "" when none is kept.
    """

    code = models.CharField(max_length=16, unique=True, default=random_code)
    attempt = models.ForeignKey(
        "exams.Attempt",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("attempt"),
    )
    lease = models.ForeignKey(
        "candidates.DeviceLease", on_delete=models.PROTECT, related_name="face_checks"
    )
    state = models.CharField(
        max_length=10, choices=FaceCheckState.choices, default=FaceCheckState.OPEN
    )
    consent_version = models.CharField(_("text of the consent"), max_length=20)
    steps = models.JSONField()
    issued_at = models.DateTimeField(_("asked at"))
    expires_at = models.DateTimeField(_("expires at"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    backend = models.CharField(_("back end"), max_length=40, default="")
    version = models.CharField(_("version"), max_length=60, default="")
    thresholds = models.JSONField(default=dict)
    distances = models.JSONField(default=dict)
    digests = models.JSONField(default=dict)
    quality = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    embedding = SealedTextField(default="", blank=True, editable=False)
    erased_at = models.DateTimeField(_("deleted by the retention rule"), null=True)
    check_in = models.OneToOneField(
        "candidates.CheckIn",
        on_delete=models.PROTECT,
        null=True,
        related_name="face_check",
        verbose_name=_("identity check"),
    )

    class Meta:
        verbose_name = _("face check")
        verbose_name_plural = _("face checks")
        constraints = [
            models.UniqueConstraint(
                name="one_open_face_check_per_attempt",
                fields=["attempt"],
                condition=models.Q(state="open"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.get_state_display()}"
