"""One-time codes by which staff vouch for a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import IdentityCodeState


class IdentityCode(models.Model):
    """One code of one attempt, good until `expires_at` and for one use (G2).

    `digest` is a keyed hash; the digits are shown once, to whoever issued them.
    `wrong` counts what was typed instead; `lease` is the browser that used it.
    """

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    digest = models.CharField(max_length=64)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=IdentityCodeState.choices,
        default=IdentityCodeState.OPEN,
    )
    reason = models.CharField(_("reason"), max_length=300)
    issued_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("valid until"))
    wrong = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(_("used at"), null=True)
    lease = models.ForeignKey(
        "candidates.DeviceLease", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("identity code")
        verbose_name_plural = _("identity codes")
        constraints = [
            models.UniqueConstraint(
                name="one_open_identity_code_per_attempt",
                fields=["attempt"],
                condition=models.Q(state="open"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.get_state_display()}"
