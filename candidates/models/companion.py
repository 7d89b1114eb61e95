"""The candidate's phone: one row per code that the computer showed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import CompanionState
from exams.kernel.tokens import random_code


class Companion(models.Model):
    """One pairing. Token and digits follow from `code` and a key; here are digests.

    `phone_digest` is that of the phone's own cookie, `epoch` marks its chunks,
    `expires_at` limits the code and then the comparison. `gone_since` is set while a
    silence is written down; `facts` are what the phone last told of itself
    `{battery, charging, free_mb, pending}`.
    """

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(
        max_length=16, unique=True, default=random_code, editable=False
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=CompanionState.choices,
        default=CompanionState.OFFERED,
    )
    token_digest = models.CharField(max_length=64, unique=True)
    digits_hash = models.CharField(max_length=64)
    phone_digest = models.CharField(max_length=64, unique=True, null=True)
    cross_check = models.CharField(max_length=4, default="")
    epoch = models.PositiveIntegerField(null=True)
    device = models.CharField(_("device"), max_length=200, default="")
    address = models.CharField(_("address"), max_length=45, default="")
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("valid until"))
    bound_at = models.DateTimeField(_("bound at"), null=True)
    filming_at = models.DateTimeField(_("filming since"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    last_seen_at = models.DateTimeField(_("last heard at"), null=True)
    gone_since = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("phone pairing")
        verbose_name_plural = _("phone pairings")
        constraints = [
            models.UniqueConstraint(
                name="one_live_companion_per_attempt",
                fields=["attempt"],
                condition=models.Q(state__in=CompanionState.LIVE),
            ),
            models.UniqueConstraint(
                name="one_open_code_per_attempt",
                fields=["attempt"],
                condition=models.Q(state__in=CompanionState.WAITING),
            ),
            models.UniqueConstraint(
                name="open_digits_are_unique",
                fields=["digits_hash"],
                condition=models.Q(state="offered"),
            ),
            models.UniqueConstraint(
                name="companion_epoch_once_per_attempt", fields=["attempt", "epoch"]
            ),
        ]

    def __str__(self) -> str:
        return self.code
