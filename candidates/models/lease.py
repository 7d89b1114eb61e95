"""Which browser may act for an attempt, and how often a sign-in may be tried."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import LeaseLevel, LeaseState


class DeviceLease(models.Model):
    """The right of one browser; the cookie holds a secret, the row its digest."""

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    token_digest = models.CharField(max_length=64, unique=True)
    epoch = models.PositiveIntegerField(null=True)
    level = models.CharField(
        max_length=10, choices=LeaseLevel.choices, default=LeaseLevel.CLAIMED
    )
    state = models.CharField(
        max_length=12, choices=LeaseState.choices, default=LeaseState.ACTIVE
    )
    device = models.CharField(_("device"), max_length=200, default="")
    address = models.CharField(max_length=45, default="")
    created_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("device lease")
        verbose_name_plural = _("device leases")
        constraints = [
            models.UniqueConstraint(
                name="one_active_lease_per_attempt",
                fields=["attempt"],
                condition=models.Q(state="active"),
            ),
            models.UniqueConstraint(
                name="lease_epoch_once_per_attempt", fields=["attempt", "epoch"]
            ),
        ]
        indexes = [
            models.Index(
                name="lease_waiting",
                fields=["created_at"],
                condition=models.Q(state="waiting"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}@{self.epoch}"


class SignInBudget(models.Model):
    """Failed sign-ins of one target or one source within one window."""

    key = models.CharField(max_length=64)
    window = models.PositiveBigIntegerField()
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sign_in_budget_once_per_window", fields=["key", "window"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.key[:8]}/{self.window}"
